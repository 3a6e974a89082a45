//! The listener: connections with bounds of their own, and an end that lets what is under way come to its end.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{reception::Reception, router::router};
use crate::app::worker::Stopped;

/// Bytes of a request's head.
const HEAD_MAX_BYTES: usize = 64 * 1024;
/// How long no connection is taken after one could not be: no file is left for it.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop`, then lets requests and workers end what they have under way, as long as the configuration allows.
pub async fn serve(
    listener: TcpListener,
    reception: Arc<Reception>,
    stop: CancellationToken,
) -> Stopped {
    let connections = GracefulShutdown::new();
    if let Some(bot) = &reception.slack {
        tokio::spawn(Arc::clone(bot).run(stop.clone()));
    }
    let config = &reception.config;
    let builder = builder(Duration::from_secs(config.head_timeout_seconds.get()));
    let places = Arc::new(Semaphore::new(config.connections_max.get()));
    let routes = router(Arc::clone(&reception));
    loop {
        let place = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Ok(place) = Arc::clone(&places).acquire_owned() => place,
        };
        let stream = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            stream = accept(&listener) => stream,
        };
        let service = TowerToHyperService::new(Router::clone(&routes));
        let connection = connections.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(cause) = connection.await {
                tracing::debug!(%cause, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    let until = Instant::now() + Duration::from_secs(config.drain_seconds.get());
    tracing::info!(
        seconds = config.drain_seconds.get(),
        "stopping: nothing new is taken in"
    );
    let requests = tokio::time::timeout_at(until, connections.shutdown()).await;
    let workers = reception.workers.stop(until - Instant::now()).await;
    match requests {
        Ok(()) => workers,
        Err(_) => Stopped::Busy,
    }
}

/// HTTP/1.1 with a bound on the head in time and size; hyper has no timer of its own.
fn builder(head_timeout: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(HEAD_MAX_BYTES);
    builder
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(cause) => {
                tracing::warn!(%cause, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
