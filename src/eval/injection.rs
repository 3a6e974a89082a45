//! Injections: an attacker's strings, spliced by code into every field that an attacker may write, under that field's own limits.
//!
//! Who may write what is data (`eval/suites/injection/fields`), as are the strings and what a field can hold. Each case has a clean twin:
//! the same payload with harmless text in the same places. What the twin would not be allowed, the attack must not be either.

pub mod adversary;
pub mod carried;
pub mod fields;
pub mod kinds;
pub mod place;
pub mod splice;
pub mod strings;
pub mod twin;
pub mod variant;
