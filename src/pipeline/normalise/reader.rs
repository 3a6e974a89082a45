//! The way through one intake: its documents, their members, the source of each, and the items that it makes.

use jaq_json::Val;
use serde_json::Value;

use super::{
    Asked, GENERIC, Intake, Item, Sources,
    alert::{self, Frame},
    caps,
    marks::Marks,
    payload::{self, Body, Document},
    sources::{Next, Source},
    unreadable, value,
};
use crate::domain::{
    alert::{Alert, Origin},
    canonical::Digest,
    id::SourceId,
};

/// Reads `intake`.
pub(super) fn read(sources: &Sources, intake: &Intake<'_>) -> Vec<Item> {
    let mut reader = Reader {
        sources,
        intake,
        items: Vec::new(),
        raw_bytes: caps::RAW_MAX_BYTES,
        field_bytes: caps::FIELDS_MAX_BYTES,
    };
    match payload::read(intake.bytes) {
        Body::Documents(documents) => reader.documents(documents),
        Body::Unreadable(cause) => reader.unread(intake.bytes, &cause),
    }
    reader.items
}

/// The alert that says that nobody here could read `intake`: with the payload as a value where it is one.
pub(super) fn unread(intake: &Intake<'_>, cause: &str) -> Alert {
    let raw = match payload::read(intake.bytes) {
        Body::Documents(documents) => match documents.as_slice() {
            [Document { value: Ok(one), .. }] => {
                value::from_jq(one, &mut caps::RAW_MAX_BYTES.clone()).ok()
            }
            _ => None,
        },
        Body::Unreadable(_) => None,
    };
    let raw = raw.unwrap_or_else(|| unreadable::raw(intake.bytes));
    let (source, origin) = asked(intake);
    let frame = Frame {
        tenant: &intake.tenant,
        source: &source,
        origin: &origin,
        received_at: intake.received_at,
    };
    unreadable::alert(&intake.name, raw, cause, &frame)
}

/// The source that was asked for, else the one of last resort.
fn asked(intake: &Intake<'_>) -> (SourceId, Origin) {
    match &intake.source {
        Asked::Source { id, origin } => (id.clone(), origin.clone()),
        Asked::Auto => (SourceId::new(GENERIC), Origin::Guessed),
    }
}

/// One pass over an intake.
struct Reader<'a> {
    sources: &'a Sources,
    intake: &'a Intake<'a>,
    items: Vec<Item>,
    /// What is left of [`caps::RAW_MAX_BYTES`].
    raw_bytes: usize,
    /// What is left of [`caps::FIELDS_MAX_BYTES`].
    field_bytes: usize,
}

/// The source that reads a payload, and how that is known.
struct Chosen<'a> {
    id: SourceId,
    origin: Origin,
    /// `None` where there is no such source.
    source: Option<&'a Source>,
    /// Other sources that recognise the payload too.
    also: Vec<SourceId>,
}

/// A payload in both forms.
struct Payload<'b> {
    bytes: &'b [u8],
    /// Its bytes, or its share of them where it is one of many: what steps are allowed by.
    size: usize,
    value: Val,
}

impl<'a> Reader<'a> {
    fn documents(&mut self, documents: Vec<Document<'_>>) {
        for document in documents {
            if self.is_full() {
                return self.overflow();
            }
            match document.value {
                Ok(value) => self.document(&Payload {
                    bytes: document.bytes,
                    size: document.bytes.len(),
                    value,
                }),
                Err(cause) => self.unread(document.bytes, &cause),
            }
        }
    }

    /// Reads one document, or each of its members where those are payloads and it is not.
    fn document(&mut self, payload: &Payload<'_>) {
        match self.members(payload) {
            None => self.payload(payload),
            Some(members) => {
                for member in members {
                    if self.is_full() {
                        return self.overflow();
                    }
                    self.payload(&Payload {
                        bytes: payload.bytes,
                        size: payload.size / members.len().max(1),
                        value: member.clone(),
                    });
                }
            }
        }
    }

    /// The members of an array which no source asked for recognises, while one recognises a member.
    fn members<'v>(&self, payload: &'v Payload<'_>) -> Option<&'v [Val]> {
        let Val::Arr(members) = &payload.value else {
            return None;
        };
        let asked: Vec<&Source> = match &self.intake.source {
            Asked::Source { id, .. } => self.sources.get(id).into_iter().collect(),
            Asked::Auto => self.sources.specific().collect(),
        };
        let knows = |value: &Val, size| asked.iter().any(|source| source.recognises(value, size));
        let share = payload.size / members.len().max(1);
        let mut first = members.iter().take(caps::ITEMS_MAX);
        (!knows(&payload.value, payload.size) && first.any(|member| knows(member, share)))
            .then_some(members)
    }

    fn payload(&mut self, payload: &Payload<'_>) {
        let chosen = self.choose(payload);
        let Some(source) = chosen.source else {
            let cause = format!("there is no source `{}`", chosen.id);
            return self.unreadable(&chosen, payload, &cause);
        };
        let made = self.items.len();
        let ended = source.alerts(&payload.value, payload.size, &mut |output| {
            if self.is_full() {
                self.overflow();
                return Next::Stop;
            }
            self.output(&chosen, payload, &output);
            Next::More
        });
        if let Err(cause) = ended {
            self.unreadable(&chosen, payload, &cause);
        } else if self.items.len() == made {
            self.unreadable(&chosen, payload, "the source made no alert of it");
        }
    }

    fn choose(&self, payload: &Payload<'_>) -> Chosen<'a> {
        if let Asked::Source { id, origin } = &self.intake.source {
            return Chosen {
                id: id.clone(),
                origin: origin.clone(),
                source: self.sources.get(id),
                also: Vec::new(),
            };
        }
        let recognises = |source: &&Source| source.recognises(&payload.value, payload.size);
        let mut known = self.sources.specific().filter(recognises);
        let source = known.next().or_else(|| self.sources.generic());
        Chosen {
            id: source.map_or_else(|| SourceId::new(GENERIC), |source| source.id.clone()),
            origin: Origin::Guessed,
            source,
            also: known.map(|source| source.id.clone()).collect(),
        }
    }

    /// An alert that says that `payload` could not be read.
    fn unreadable(&mut self, chosen: &Chosen<'_>, payload: &Payload<'_>, cause: &str) {
        let mut left = self.raw_bytes;
        let raw = value::from_jq(&payload.value, &mut left);
        self.raw_bytes = if raw.is_ok() { left } else { self.raw_bytes };
        let raw = raw.unwrap_or_else(|_| unreadable::raw(payload.bytes));
        self.push_unreadable(&chosen.id, &chosen.origin, raw, cause);
    }

    /// An alert that says that `bytes` could not be read, by no source at all.
    fn unread(&mut self, bytes: &[u8], cause: &str) {
        let (id, origin) = asked(self.intake);
        self.push_unreadable(&id, &origin, unreadable::raw(bytes), cause);
    }

    fn push_unreadable(&mut self, source: &SourceId, origin: &Origin, raw: Value, cause: &str) {
        let frame = Frame {
            tenant: &self.intake.tenant,
            source,
            origin,
            received_at: self.intake.received_at,
        };
        let alert = unreadable::alert(&self.intake.name, raw, cause, &frame);
        self.items.push(Item::Alert(alert));
    }

    fn is_full(&self) -> bool {
        self.items.len() >= caps::ITEMS_MAX
    }

    /// Says once that there was more.
    fn overflow(&mut self) {
        if self.items.len() == caps::ITEMS_MAX {
            let cause = format!(
                "it makes more than {} alerts; send fewer in one post",
                caps::ITEMS_MAX
            );
            self.unread(self.intake.bytes, &cause);
        }
    }

    fn output(&mut self, chosen: &Chosen<'_>, payload: &Payload<'_>, output: &Val) {
        match self.item(chosen, payload, output) {
            Ok(item) => self.items.push(item),
            Err(cause) => self.unreadable(chosen, payload, cause),
        }
    }

    fn item(
        &mut self,
        chosen: &Chosen<'_>,
        payload: &Payload<'_>,
        output: &Val,
    ) -> Result<Item, &'static str> {
        let Val::Obj(object) = output else {
            return Err("the source made something that is no alert of it");
        };
        let mut marks = Marks::default();
        for also in &chosen.also {
            marks.add(format!("source `{also}` recognises it too"));
        }
        let key = Val::from("payload".to_owned());
        let own = object.get(&key).filter(|own| !matches!(own, Val::Null));
        let raw = self.raw(own.unwrap_or(&payload.value), &mut marks);
        let fields: jaq_json::Map = object
            .iter()
            .filter(|(name, _)| **name != key)
            .map(|(name, field)| (name.clone(), field.clone()))
            .collect();
        let fields = value::from_jq(&Val::obj(fields), &mut self.field_bytes)
            .map_err(value::TooMuch::cause)?;
        let Value::Object(fields) = fields else {
            return Err("the source made something that is no alert of it");
        };
        match fields.get("control") {
            None => Ok(Item::Alert(alert::alert(
                &fields,
                raw,
                &self.frame(chosen),
                marks,
            ))),
            Some(Value::String(control)) => Ok(Item::Control {
                source: chosen.id.clone(),
                control: marks.text("control", control),
            }),
            Some(_) => Err("the source made a control message without a name of it"),
        }
    }

    /// The raw part of an alert, within what the alerts of one intake may keep together.
    fn raw(&mut self, value: &Val, marks: &mut Marks) -> Value {
        let mut left = self.raw_bytes;
        match value::from_jq(value, &mut left) {
            Ok(raw) => {
                self.raw_bytes = left;
                raw
            }
            Err(why) => {
                marks.add(format!("raw payload left out: {}", why.cause()));
                // A try costs as much as a success: without this, many of them would take too long.
                self.raw_bytes /= 2;
                // Each such alert keeps a name of its own, or they would be folded into one.
                let post = Digest::of_bytes(self.intake.bytes);
                Value::String(format!("alert {} of post {post}", self.items.len()))
            }
        }
    }

    fn frame<'f>(&'f self, chosen: &'f Chosen<'_>) -> Frame<'f> {
        Frame {
            tenant: &self.intake.tenant,
            source: &chosen.id,
            origin: &chosen.origin,
            received_at: self.intake.received_at,
        }
    }
}
