# What a person asks through an intake channel, in our own format:
# {"request": {topic, text, asker: {id, name, email}, channel, asked_at, id}}.


# The curated topics, and how serious each is. Any other is no detection: nobody may make one up by asking.
def topics:
  {
    "access-to-repository": "informational", "access-to-bucket": "informational", "badge-access-area": "informational",
    "vpn-not-connecting": "informational", "how-to-report": "informational", "on-call-handover": "informational",
    "certificate-expiring": "low", "password-reset": "low", "firewall-opening": "low",
    "badge-lost": "medium", "suspicious-email": "medium", "laptop-lost": "high"
  };

def is_request:
  obj | .request | obj
  | count((.topic | text), (.text | text), (.asker | type == "object"), (.channel | text), (.asked_at | text), (.id | text)) >= 3;
def recognises: first(if type == "array" then .[] else . end) | is_request;

# A title is one short line; the whole text stays in the payload.
def title:
  text // "" | trim | split("\n")[0] // "" | trim
  | if length > 120 then .[0:119] + "…" else . end | text;

def alert:
  . as $part | obj | .request | obj
  | (.asker | obj) as $asker
  | (.topic | text // "" | trim | ascii_downcase) as $word
  | topics[$word] as $severity
  | (if $severity then $word else null end) as $topic
  | (.channel | text) as $channel
  | (.id | text) as $id
  | first_text($asker.id, $asker.email, $asker.name) as $who
  | {
      title: ((.text | title) // (.topic | text)),
      detection_id: $topic,
      rule_version: null,
      severity: $severity,
      raw_severity: null,
      occurred_at: (.asked_at | if type == "number" then . else text end),
      status: "firing",
      entities: [($who | values | {kind: "user", value: ., role: "actor.user", provenance: "field"}),
                 ($asker.email | text | values | {kind: "email", value: ., role: "actor.email", provenance: "field"})],
      facets: [{key: "topic", value: $topic, set_by: "environment"}, {key: "channel", value: $channel, set_by: "environment"}],
      attack: [],
      occurrence_id: (if $id then [$channel, $id] | map(values) | join("/") else null end),
      # Without an id only the same words of the same person are the same request.
      about: ([$who, .topic, $channel, $id // .text | text] | if map(values) == [] then [$part | tojson] else . end),
      owner_hints: [],
      links: [],
      payload: $part
    };

def alerts: if type == "array" then .[] else . end | alert;
