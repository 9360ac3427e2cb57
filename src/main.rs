//! The program: one executable with subcommands; `makker --help` says which.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Every TLS connection of the process uses this; a second installation would only say that one is there.
    drop(rustls::crypto::ring::default_provider().install_default());
    makker::commands::run()
}
