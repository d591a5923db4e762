//! The send loop: one conductor that decides, couriers that carry letters.
