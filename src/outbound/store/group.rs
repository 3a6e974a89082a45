//! Group commit: one task takes appends from a bounded queue and commits those that wait together, because one flush to the disk costs more
//! than everything else an append does. An append that comes alone does not wait for others.

use std::time::{Duration, Instant};

use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::{BEGIN, error::StoreError, rows::Append};

/// The most appends of one commit.
const GROUP_MAX: usize = 256;
/// The longest that one commit is filled.
const FILL_MAX: Duration = Duration::from_millis(5);
/// The most appends that wait; more callers wait for a place.
const QUEUE_MAX: usize = 1_024;

/// The queue of the task. The task ends when every clone of this is gone and the queue is empty.
#[derive(Clone, Debug)]
pub(super) struct Group {
    queue: mpsc::Sender<Job>,
}

struct Job {
    append: Append,
    done: oneshot::Sender<Answer>,
}

type Answer = Result<(), StoreError>;

impl Group {
    /// Starts the task over the connection that writes.
    pub(super) fn start(writer: SqlitePool) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(run(writer, jobs));
        Self { queue }
    }

    /// Returns when the append is committed or refused. Where the caller is dropped meanwhile, it is committed or refused all the same.
    pub(super) async fn append(&self, append: Append) -> Answer {
        let (done, answer) = oneshot::channel();
        let job = Job { append, done };
        self.queue.send(job).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

fn ended() -> StoreError {
    StoreError::unavailable(&"its writer has ended", "restart tierone")
}

async fn run(writer: SqlitePool, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut group = vec![first];
        let answers = match together(&writer, &mut group, &mut jobs).await {
            Ok(answers) => answers,
            Err(error) if group.len() == 1 => vec![Err(error)],
            // One of them may be at fault, or the disk: alone, each gets an answer of its own.
            Err(_) => each_alone(&writer, &group).await,
        };
        for (job, answer) in group.into_iter().zip(answers) {
            // A caller that is gone needs no answer.
            drop(job.done.send(answer));
        }
    }
}

/// Commits `group` and what else waits, and answers each in its order; an error is everyone's.
async fn together(
    writer: &SqlitePool,
    group: &mut Vec<Job>,
    jobs: &mut mpsc::Receiver<Job>,
) -> Result<Vec<Answer>, StoreError> {
    let mut transaction = writer.begin_with(BEGIN).await?;
    let begun = Instant::now();
    let mut answers = Vec::new();
    while let Some(job) = group.get(answers.len()) {
        answers.push(job.append.written(&mut transaction).await?);
        let full = group.len() >= GROUP_MAX || begun.elapsed() >= FILL_MAX;
        if !full && let Ok(next) = jobs.try_recv() {
            group.push(next);
        }
    }
    transaction.commit().await?;
    Ok(answers)
}

async fn each_alone(writer: &SqlitePool, group: &[Job]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(group.len());
    for job in group {
        let answer = alone(writer, &job.append).await;
        answers.push(answer.unwrap_or_else(Err));
    }
    answers
}

async fn alone(writer: &SqlitePool, append: &Append) -> Result<Answer, StoreError> {
    let mut transaction = writer.begin_with(BEGIN).await?;
    let answer = append.written(&mut transaction).await?;
    transaction.commit().await?;
    Ok(answer)
}

impl Append {
    /// Writes it into an open transaction, unless it conflicts with what is there: then nothing of it is written.
    async fn written(&self, connection: &mut SqliteConnection) -> Result<Answer, StoreError> {
        match self.write(connection).await {
            Ok(()) => Ok(Ok(())),
            Err(conflict @ StoreError::Conflict { .. }) => Ok(Err(conflict)),
            Err(error) => Err(error),
        }
    }
}
