//! What calls us: the command line, HTTP and Slack. Untrusted text is made safe here, at the last moment before a person sees it.

pub mod case_view;
pub mod cli;
pub mod http;
pub mod record;
pub mod release_view;
pub mod safe_json;
pub mod shown;
pub mod slack;
pub mod view;
