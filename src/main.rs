//! The `tierone` command.

fn main() {}
