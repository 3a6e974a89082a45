//! What calls us: the command line. Untrusted text is made safe here, at the last moment before a person sees it.

pub mod case_view;
pub mod cli;
pub mod safe_json;
pub mod shown;
pub mod view;
