"""A goal: what is measured, what is printed, and whether it is met."""

from .process import median


class Table:
    """Rows under a header, as wide as they need to be."""

    def __init__(self, *header):
        self.rows = [header]

    def add(self, *row):
        self.rows.append(row)

    def show(self):
        cells = [[text(cell) for cell in row] for row in self.rows]
        widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
        for row in cells:
            first, *rest = (cell.rjust(width) for cell, width in zip(row, widths))
            print("  " + "  ".join([row[0].ljust(widths[0]), *rest]))


def text(cell):
    """Numbers with as many digits as mean something."""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return str(cell)


def at_least(what, value, bound):
    verdict(what, value, bound, value >= bound, "at least")


def at_most(what, value, bound):
    verdict(what, value, bound, value <= bound, "at most")


def verdict(what, value, bound, met, word):
    print(f"  {'met   ' if met else 'MISSED'}  {what}: {text(float(value))} (goal: {word} {text(bound)})")


def sent(results):
    """A table of senders, and their medians by name: rate, processor time a letter, peak memory."""
    table = Table("sender", "letters", "letters/s", "CPU µs/letter", "peak MB", "runs")
    medians = {}
    for name, runs in results.items():
        rate, cpu = median([r.rate for r in runs]), median([r.cpu_us for r in runs])
        peak = median([r.cost.peak_mb for r in runs])
        medians[name] = (rate, cpu, peak)
        table.add(name, runs[0].letters, rate, cpu, peak, " ".join(f"{r.rate:.0f}" for r in runs))
    table.show()
    for name, runs in results.items():
        missing, twice = sum(r.missing for r in runs), sum(r.twice for r in runs)
        if missing or twice:
            print(f"  WRONG   {name}: {missing} letters are missing at the sink, {twice} came twice")
    return medians
