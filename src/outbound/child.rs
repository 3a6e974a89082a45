//! A child process of this same program: it is given bytes and gives bytes back, within bounds. It inherits no environment and no open
//! files, and what it says on standard error is thrown away, because it may quote what it was given.
//!
//! Which bounds a process can only set on itself (processor time, memory) is the child's own business; see the command it runs.

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

/// This program as the system runs it, also where its file was replaced since.
const RUNNING: &str = "/proc/self/exe";

/// What a child may take at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// From its start to the end of its answer.
    pub wall: Duration,
    /// Bytes of its answer.
    pub answer_max_bytes: u64,
}

/// What a child said, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// What it wrote to standard output.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub status: ExitStatus,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChildFault {
    /// It does not run, or cannot be talked to.
    #[error("its process could not be used: {0}")]
    Unusable(#[from] io::Error),
    /// It was ended because it took too long.
    #[error("its process took longer than {0} s and was ended")]
    TooSlow(u64),
    /// It was ended because it said too much.
    #[error("its process wrote more than {0} bytes and was ended")]
    TooLong(u64),
}

/// Runs this program with `arguments`, hands it `question` and waits for its answer; the child is gone when this returns.
pub fn ask(arguments: &[String], question: &[&[u8]], bounds: Bounds) -> Result<Said, ChildFault> {
    let mut child = Command::new(program()?)
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        let _status = child.wait()?;
        return Err(io::Error::other("it has no pipes").into());
    };
    let answer = talk(&mut child, stdin, stdout, question, bounds);
    // It has closed its output, or was killed.
    let status = child.wait()?;
    answer.map(|bytes| Said { bytes, status })
}

/// Writes and reads at once, because a child may answer before it was told all. Ends the child where it oversteps.
fn talk(
    child: &mut Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    question: &[&[u8]],
    bounds: Bounds,
) -> Result<Vec<u8>, ChildFault> {
    let max = bounds.answer_max_bytes;
    thread::scope(|scope| {
        let (done, answered) = mpsc::channel();
        scope.spawn(move || tell(stdin, question));
        scope.spawn(move || {
            let mut bytes = Vec::new();
            let read = stdout.take(max.saturating_add(1)).read_to_end(&mut bytes);
            // Nobody listens any more where the child took too long.
            let _heard = done.send(read.map(|_| bytes));
        });
        match answered.recv_timeout(bounds.wall) {
            Ok(Ok(bytes)) if bytes.len() as u64 > max => {
                child.kill()?;
                Err(ChildFault::TooLong(max))
            }
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(cause)) => {
                child.kill()?;
                Err(cause.into())
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                // Its pipes close with it, which ends both threads.
                child.kill()?;
                Err(ChildFault::TooSlow(bounds.wall.as_secs()))
            }
        }
    })
}

/// A child that ended before it was told all shows that in its answer.
fn tell(mut stdin: ChildStdin, question: &[&[u8]]) {
    for part in question {
        if stdin.write_all(part).is_err() {
            return;
        }
    }
}

fn program() -> io::Result<PathBuf> {
    if Path::new(RUNNING).exists() {
        return Ok(RUNNING.into());
    }
    std::env::current_exe()
}
