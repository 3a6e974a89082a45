//! A receiver of orders that outlives the processes which call it, and counts what it was told to do.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// An order as it came: its `type` and its `webhook-id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub kind: String,
    pub id: String,
}

pub struct Receiver {
    pub url: String,
    pub port: u16,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}/orders");
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&told);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(stream, &kept));
            }
        });
        Self { url, port, told }
    }

    /// What it was told since it was last asked.
    pub fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

/// Takes orders until the caller hangs up. A request that does not arrive whole is no order.
fn serve(stream: TcpStream, kept: &Mutex<Vec<Told>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let told = read(&mut reader)?;
        kept.lock().unwrap().push(told);
        let body = "{\"holds\": true}";
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        write!(reader.get_mut(), "{head}: {}\r\n\r\n{body}", body.len()).ok()?;
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Told> {
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line == "\r\n" {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "webhook-id" => id = value.to_owned(),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let kind = body["type"].as_str()?.to_owned();
    Some(Told { kind, id })
}
