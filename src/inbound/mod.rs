//! What calls us: the command line and HTTP. Untrusted text is made safe here, at the last moment before a person sees it.

pub mod case_view;
pub mod cli;
pub mod http;
pub mod safe_json;
pub mod shown;
pub mod view;
