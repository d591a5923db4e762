// Everything the page can do, by name: buttons, keys and the palette are three ways to the same action.

/// Each action: `{ id, words, group, key?, icon?, run, when? }`. `key` is as `event.key` gives it.
const actions = [];

export function offer(...more) {
  actions.push(...more);
}

/// The actions that make sense now.
export const offered = () => actions.filter((action) => !action.when || action.when());

export function run(id) {
  const action = actions.find((action) => action.id === id);
  if (action && (!action.when || action.when())) action.run();
}
