//! Group commit: one task takes appends from a bounded queue and commits those that wait together, because one flush to the disk costs more
//! than everything else an append does. An append that comes alone does not wait for others.

use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use super::{error::StoreError, rows::Append, writer::Writer};

/// The most appends of one commit.
const GROUP_MAX: usize = 256;
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
    pub(super) fn start(writer: Writer) -> Self {
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

async fn run(writer: Writer, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut group = vec![first];
        while group.len() < GROUP_MAX
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        let answers = match group.as_slice() {
            [job] => vec![alone(&writer, &job.append).await],
            // One of them may be at fault, or the disk: alone, each gets an answer of its own.
            group => match together(&writer, group).await {
                Ok(answers) => answers,
                Err(_) => each_alone(&writer, group).await,
            },
        };
        for (job, answer) in group.into_iter().zip(answers) {
            let answer = writer.watch(answer);
            // A caller that is gone needs no answer.
            drop(job.done.send(answer));
        }
    }
}

/// Commits `group` and answers each in its order; an error is everyone's.
async fn together(writer: &Writer, group: &[Job]) -> Result<Vec<Answer>, StoreError> {
    let mut transaction = writer.begin().await?;
    let mut answers = Vec::with_capacity(group.len());
    for job in group {
        answers.push(job.append.written(&mut transaction).await?);
    }
    transaction.commit().await?;
    Ok(answers)
}

async fn each_alone(writer: &Writer, group: &[Job]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(group.len());
    for job in group {
        answers.push(alone(writer, &job.append).await);
    }
    answers
}

/// Commits one append: its statement is a transaction of its own, and looks at the schema itself.
async fn alone(writer: &Writer, append: &Append) -> Answer {
    append.write(&mut *writer.connection().await?).await
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
