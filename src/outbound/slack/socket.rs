//! A connection over which Slack sends (Socket Mode): to addresses that the guard let through, with bounds on every message. Its address is a
//! ticket, and is in no error.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use ipnet::IpNet;
use reqwest::Url;
use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use super::{super::endpoint::guard::Guard, wire};
use crate::ports::Fault;

/// Bytes of one message.
const MESSAGE_MAX_BYTES: usize = 1_024 * 1_024;
/// Slack pings every few seconds; where nothing comes for this long we ping, and a connection that does not answer in as long again is dead. It
/// is not given up unasked: what is done while a new one opens, Slack could send to nobody.
const SILENCE_MAX: Duration = Duration::from_secs(30);

trait Wired: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wired for T {}

/// A connection.
pub struct Socket {
    stream: WebSocketStream<Box<dyn Wired>>,
}

impl Socket {
    pub(super) async fn connect(address: &str, allow_private: &[IpNet]) -> Result<Self, Fault> {
        let url = Url::parse(address)
            .map_err(|_| Fault::Transient("the socket's address cannot be read".into()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let guard = Guard::new(allow_private, wire(&url));
        let port = url.port_or_known_default().unwrap_or(443);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = guard.addresses(bare, port).await;
        let addresses = addresses.map_err(|cause| Fault::Transient(cause.to_string()))?;
        let broken = |cause: &dyn std::fmt::Display| {
            Fault::Transient(format!("no connection to `{host}`: {cause}"))
        };
        let stream = TcpStream::connect(addresses.as_slice()).await;
        let stream = stream.map_err(|cause| broken(&cause))?;
        let stream: Box<dyn Wired> = match url.scheme() {
            "wss" => Box::new(sealed(bare, stream).await.map_err(|cause| broken(&cause))?),
            "ws" => Box::new(stream),
            _ => return Err(broken(&"it is no web socket")),
        };
        let bounds = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_MAX_BYTES))
            .max_frame_size(Some(MESSAGE_MAX_BYTES));
        let opened = client_async_with_config(url.as_str(), stream, Some(bounds)).await;
        // What the library says may have the ticket in it.
        let (stream, _) = opened.map_err(|_| broken(&"it does not speak web socket"))?;
        Ok(Self { stream })
    }

    /// The next text; `None` where the connection is over.
    pub async fn next(&mut self) -> Option<String> {
        let mut asked = false;
        loop {
            let Ok(next) = tokio::time::timeout(SILENCE_MAX, self.stream.next()).await else {
                if std::mem::replace(&mut asked, true) {
                    return None;
                }
                let ping = Message::Ping(Vec::new().into());
                self.stream.send(ping).await.ok()?;
                continue;
            };
            asked = false;
            match next? {
                Ok(Message::Text(text)) => return Some(text.to_string()),
                // A pong is sent by the library when the next message is read or written.
                Ok(
                    Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_),
                ) => {
                    self.stream.flush().await.ok()?;
                }
                Ok(Message::Close(_)) | Err(_) => return None,
            }
        }
    }

    /// Sends a text.
    pub async fn send(&mut self, text: String) -> Result<(), Fault> {
        let sent = self.stream.send(Message::Text(text.into())).await;
        sent.map_err(|_| Fault::Transient("the socket broke off".into()))
    }
}

async fn sealed(host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, String> {
    let config = ClientConfig::with_platform_verifier().map_err(|cause| cause.to_string())?;
    let name = ServerName::try_from(host.to_owned()).map_err(|cause| cause.to_string())?;
    let sealed = TlsConnector::from(Arc::new(config)).connect(name, stream);
    sealed.await.map_err(|cause| cause.to_string())
}
