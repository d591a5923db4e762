//! What a server says it can do, read from its answer to EHLO.

use crate::model::attempt::Reply;

/// The extensions that change what we say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 1870: `SIZE=` may stand in MAIL.
    pub size: bool,
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 6531.
    pub smtputf8: bool,
    /// RFC 6152.
    pub eight_bit_mime: bool,
    /// RFC 3461.
    pub dsn: bool,
    /// RFC 4954, upper case, in the server's order.
    pub mechanisms: Vec<String>,
    /// RFC 9422: letters it takes on one connection.
    pub mail_max: Option<u32>,
}

impl Offers {
    /// Reads every line after the first, which is the server's name and greeting. What is not known is
    /// passed over; keywords have no case.
    pub fn parse(reply: &Reply) -> Offers {
        let mut offers = Offers::default();
        for line in reply.lines.iter().skip(1) {
            offers.take(&line.to_ascii_uppercase());
        }
        offers
    }

    fn take(&mut self, line: &str) {
        // Old servers write `AUTH=LOGIN PLAIN`.
        let (keyword, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
        match keyword.trim() {
            "PIPELINING" => self.pipelining = true,
            "SIZE" => self.size = true,
            "STARTTLS" => self.starttls = true,
            "SMTPUTF8" => self.smtputf8 = true,
            "8BITMIME" => self.eight_bit_mime = true,
            "DSN" => self.dsn = true,
            "AUTH" => self.take_mechanisms(rest),
            "LIMITS" => self.mail_max = mail_max(rest),
            _ => {}
        }
    }

    fn take_mechanisms(&mut self, names: &str) {
        for name in names.split_whitespace().filter(|name| !self.offers_login(name)).collect::<Vec<_>>() {
            self.mechanisms.push(name.to_owned());
        }
    }

    /// Whether `name`, in upper case, is among the ways to log in.
    pub fn offers_login(&self, name: &str) -> bool {
        self.mechanisms.iter().any(|known| known == name)
    }
}

fn mail_max(limits: &str) -> Option<u32> {
    let limit = limits.split_whitespace().find_map(|limit| limit.strip_prefix("MAILMAX="))?;
    limit.parse().ok().filter(|max| *max > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_read_whatever_their_case_and_order() {
        let offers = Offers::parse(&Reply::new(
            250,
            "PIPELINING.example greets you\nSIZE 10240000\npipelining\nAUTH PLAIN login\nAUTH=LOGIN XOAUTH2\n\
             8BITMIME\nSMTPUTF8\nDSN\nSTARTTLS\nLIMITS RCPTMAX=5 MAILMAX=20\nX-OTHER",
        ));
        let mechanisms = ["PLAIN", "LOGIN", "XOAUTH2"].map(str::to_owned).to_vec();
        let all = Offers {
            pipelining: true,
            size: true,
            starttls: true,
            smtputf8: true,
            eight_bit_mime: true,
            dsn: true,
            mechanisms,
            mail_max: Some(20),
        };
        assert_eq!(offers, all);
    }

    #[test]
    fn the_greeting_line_offers_nothing() {
        assert_eq!(Offers::parse(&Reply::new(250, "PIPELINING")), Offers::default());
        assert_eq!(Offers::parse(&Reply::new(250, "x\nLIMITS MAILMAX=0")).mail_max, None);
    }
}
