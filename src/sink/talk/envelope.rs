//! MAIL, RCPT, DATA, and the letter.

use super::*;

impl Talk<'_> {
    pub(super) fn mail(&mut self, rest: &str, script: &mut Script) {
        if self.stage == Stage::Unknown || self.envelope.sender.is_some() {
            return self.no_sense("503 5.5.1 not now", script);
        }
        let path = Path::parse(rest, "FROM:").filter(|path| path.address.is_empty() || path.is_mailbox());
        let Some(path) = path else {
            return self.no_sense("501 5.1.7 that is no sender", script);
        };
        if let Some(reply) = self.objection(&path) {
            return script.say(reply);
        }
        self.letters += 1;
        if self.floor.server.mail_max.is_some_and(|most| self.letters > most) {
            return self.hang_up("421 4.7.0 too many letters on this connection", script);
        }
        if self.reply(Step::Sender, "250 2.1.0 ok", script) {
            let smtputf8 = path.parameter("SMTPUTF8").is_some();
            self.envelope =
                Envelope { sender: Some(path.address.to_owned()), smtputf8, ..Envelope::default() };
        }
    }

    fn objection(&self, path: &Path<'_>) -> Option<&'static str> {
        let size = path.parameter("SIZE").and_then(|size| size.parse::<u64>().ok()).unwrap_or(0);
        if path.stranger(&["SIZE", "BODY", "SMTPUTF8", "RET", "ENVID"]).is_some() {
            return Some("555 5.5.4 I do not know that parameter");
        }
        if size > self.floor.server.size {
            return Some("552 5.3.4 the letter is too large");
        }
        let is_foreign = !path.address.is_ascii() && path.parameter("SMTPUTF8").is_none();
        is_foreign.then_some("550 5.6.7 say SMTPUTF8 first")
    }

    pub(super) fn rcpt(&mut self, rest: &str, script: &mut Script) {
        if self.envelope.sender.is_none() {
            return self.no_sense("503 5.5.1 MAIL first", script);
        }
        let Some(path) = Path::parse(rest, "TO:").filter(Path::is_mailbox) else {
            return self.no_sense("501 5.1.3 that is no recipient", script);
        };
        if path.stranger(&["NOTIFY", "ORCPT"]).is_some() {
            return script.say("555 5.5.4 I do not know that parameter");
        }
        if !path.address.is_ascii() && !self.envelope.smtputf8 {
            return script.say("553 5.6.7 say SMTPUTF8 first");
        }
        if self.envelope.taken.len() == MOST_RECIPIENTS {
            return script.say("452 4.5.3 too many recipients");
        }
        let named = self.named(path.address);
        let floor = self.floor;
        let met = floor.weather.meets(Step::Recipient, &self.case(Some(&named)));
        match self.answer(&met, "250 2.1.5 ok", script) {
            true => self.envelope.taken.push(named),
            false => {
                self.note(met.trouble, &named);
                self.envelope.refused = Some(named);
            }
        }
    }

    fn named(&self, address: &str) -> Named {
        let key = key(address);
        let entry = self.floor.book.heard_of(key, self.floor.now());
        Named { address: address.to_lowercase(), key, attempt: entry.attempts(), first: entry.first() }
    }

    /// Keeps what was said about a letter that was not taken.
    fn note(&self, trouble: Option<&Kind>, to: &Named) {
        let reply = match trouble {
            Some(
                Kind::Defer { reply }
                | Kind::Refuse { reply }
                | Kind::Bar { reply, .. }
                | Kind::Greylist { reply, .. }
                | Kind::Throttle { reply, .. }
                | Kind::Limit { reply, .. }
                | Kind::HangUp { reply, .. },
            ) => reply,
            _ => return,
        };
        let is_final = reply.starts_with('5');
        self.floor.log.said(if is_final { Said::Refused } else { Said::Deferred }, &to.address);
        if is_final {
            self.floor.book.mark(to.key, Mark::Refused);
        }
    }

    pub(super) fn data(&mut self, script: &mut Script) {
        if self.envelope.sender.is_none() {
            return self.no_sense("503 5.5.1 MAIL first", script);
        }
        let is_for_nobody = self.envelope.taken.is_empty();
        let floor = self.floor;
        let to = self.envelope.taken.first().or(self.envelope.refused.as_ref()).cloned();
        let mut met = floor.weather.meets(Step::Data, &Case { is_for_nobody, ..self.case(to.as_ref()) });
        let goes_on = met.trouble.take_if(|kind| **kind == Kind::GoOn).is_some();
        let takes = goes_on || !is_for_nobody;
        let usual = if takes { "354 end with a dot alone" } else { "554 5.5.1 no valid recipients" };
        match (self.answer(&met, usual, script), &to) {
            (true, _) if takes => self.await_body(),
            (false, Some(to)) => self.note(met.trouble, to),
            (true | false, _) => {}
        }
    }

    fn await_body(&mut self) {
        self.stage = Stage::Body;
        self.body.begin(self.floor.keeps);
    }

    pub(super) fn hear_body(&mut self, bytes: &[u8], script: &mut Script) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        let took = self.body.take(bytes);
        if !self.floor.weather.is_fair(Step::Body) && self.breaks_off(script) {
            return bytes.len();
        }
        if took.ended {
            self.stage = Stage::Greeted;
            self.end_of_letter(script);
            self.envelope = Envelope::default();
        }
        took.used
    }

    /// All of a short letter may have left its sender long ago.
    fn breaks_off(&mut self, script: &mut Script) -> bool {
        let Some(to) = self.envelope.taken.first().cloned() else { return false };
        let floor = self.floor;
        let met = floor.weather.meets(Step::Body, &self.case(Some(&to)));
        if met.trouble.is_none() {
            return false;
        }
        self.floor.book.mark(to.key, Mark::Unanswered);
        self.answer(&met, "", script);
        self.note(met.trouble, &to);
        true
    }

    fn end_of_letter(&mut self, script: &mut Script) {
        let Some(to) = self.envelope.taken.first().cloned() else {
            return script.say("554 5.5.1 no valid recipients");
        };
        if self.body.length > self.floor.server.size {
            self.floor.log.said(Said::Refused, &to.address);
            return script.say("552 5.3.4 the letter is too large");
        }
        let floor = self.floor;
        let met = floor.weather.meets(Step::Answer, &self.case(Some(&to)));
        let fate = Fate::of(&met);
        if fate.takes {
            self.take(script);
        }
        if fate.is_unclear {
            self.envelope.taken.iter().for_each(|to| floor.book.mark(to.key, Mark::Unanswered));
        }
        if !self.answer(&met, "250 2.0.0 taken", script) {
            self.envelope.taken.iter().for_each(|to| self.note(met.trouble, to));
        }
    }

    fn take(&mut self, script: &mut Script) {
        let (floor, length) = (self.floor, self.body.length);
        let message_id = self.body.field("Message-ID").unwrap_or_default();
        for to in &self.envelope.taken {
            floor.book.took(to.key, &message_id);
            floor.log.said(Said::Taken, &to.address);
        }
        floor.log.bytes.fetch_add(length, Relaxed);
        if floor.log.shows() {
            self.show(&message_id);
        }
        if let Some(bytes) = self.body.letter() {
            let sender = self.envelope.sender.clone().unwrap_or_default();
            let recipients = self.envelope.taken.iter().map(|to| to.address.clone()).collect();
            script.cue(Cue::Keep(Letter { sender, recipients, bytes }));
        }
        floor.took();
    }

    fn show(&self, message_id: &str) {
        let subject = self.body.field("Subject").unwrap_or_default();
        for to in &self.envelope.taken {
            self.floor.log.show(Glimpse {
                at: Timestamp::now(),
                to: shortened(&to.address).to_owned(),
                subject: shortened(&subject).to_owned(),
                message_id: shortened(message_id).to_owned(),
                bytes: self.body.length,
            });
        }
    }
}

/// What becomes of a letter whose end has come.
struct Fate {
    takes: bool,
    /// The sender may not learn of it.
    is_unclear: bool,
}

impl Fate {
    fn of(met: &Met<'_>) -> Fate {
        let is_late = !met.delay.is_zero();
        match met.trouble {
            None | Some(Kind::Delay { .. } | Kind::Split | Kind::GoOn) => {
                Fate { takes: true, is_unclear: is_late }
            }
            Some(Kind::Cut | Kind::Flood { .. }) => Fate { takes: true, is_unclear: true },
            Some(Kind::Drop { kept, .. }) => Fate { takes: *kept, is_unclear: true },
            Some(Kind::Babble) => Fate { takes: false, is_unclear: true },
            Some(
                Kind::Defer { .. }
                | Kind::Refuse { .. }
                | Kind::Bar { .. }
                | Kind::Greylist { .. }
                | Kind::Throttle { .. }
                | Kind::Limit { .. }
                | Kind::HangUp { .. },
            ) => Fate { takes: false, is_unclear: is_late },
        }
    }
}
