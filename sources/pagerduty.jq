# PagerDuty: events of its Events API (version 2, and version 1 with service_key), webhooks of version 3, and version 2's `messages`.


def verbs: {trigger: true, acknowledge: true, resolve: true};
def families: {incident: true, service: true, pagey: true};
def family: text // "" | split(".")[0] // "";

# The shapes: each takes more than one mark to tell.
def is_webhook:
  obj | .event | obj | families[.event_type | family] == true
    and ((.data | obj) as $data | count(
      (families[.resource_type | text // ""]), (.occurred_at | text), has("agent"), has("client"), (.id | text),
      ($data.type | text), ($data.self | text), ($data.incident | type == "object")
    ) >= 3);
def is_message: obj | (.event | family == "incident") and (.incident | type == "object");
def is_event:
  obj | count(
    verbs[.event_action | text // ""], (.routing_key | text), (.dedup_key | text),
    (.payload | obj | count((.summary, .source, .severity) | text) >= 2)
  ) >= 3;
def is_old_event:
  obj | (.service_key | text != null)
    and count(verbs[.event_type | text // ""], ((.incident_key, .description) | text)) >= 2;

def recognises:
  first(if type == "array" then .[] else . end)
  | has_any(["event", "event_action", "routing_key", "service_key", "messages"])
    and (is_webhook or is_event or is_old_event or (.messages | list[0] | is_message));

def parts:
  if type == "array" then .[]
  elif type == "object" and (.messages | list[0] | is_message) then .messages[] as $one | . + {messages: [$one]}
  else . end;

# The scale of the Events API; PagerDuty's own names of priorities, which a site may change; urgency, where nothing else is said.
def severity:
  {
    critical: "critical", error: "high", warning: "medium", info: "informational",
    p1: "critical", p2: "high", p3: "medium", p4: "low", p5: "informational",
    "sev-1": "critical", "sev-2": "high", "sev-3": "medium", "sev-4": "low", "sev-5": "informational",
    high: "high", low: "low"
  }[text // "" | ascii_downcase];

def entity($kind; $role; $from): text | values | {kind: $kind, value: ., role: $role, provenance: $from};
def facet($key): {key: $key, value: text, set_by: "environment"};
def links(f): [f | text // "" | select(startswith("http://") or startswith("https://"))];

# The affected system: "preferably a host name", but any text may stand there.
def source_entity($component):
  text | values
  | (split(".") | length) as $dots
  | if $dots == 4 and ([split(".")[] | tonumber?] | length) == 4 then entity("ip"; "target.ip"; "field")
    elif (split(":") | length) > 2 and ([split(":")[] | utf8bytelength] | max) <= 4 then entity("ip"; "target.ip"; "field")
    elif contains(" ") or contains("/") or contains(":") then
      entity("service"; if $component then "related.service" else "target.service" end; "field")
    else entity("host"; "target.host"; "field") end;

# What a tool or whoever fed it put there freely.
def details:
  obj
  | (first_text(.source_ip, .src_ip, .sourceIPAddress, .client_ip, .remote_ip) | entity("ip"; "source.ip"; "text")),
    (first_text(.user, .username, .user_name) | entity("user"; "actor.user"; "text")),
    (first_text(.instance_id, .instanceId) | entity("instance"; "related.instance"; "text")),
    (first_text(.host, .hostname) | entity("host"; "related.host"; "text"));

# One alert of the Events API. A resolve need not carry more than the key.
def from_event($part):
  (.payload | obj) as $payload
  | ($payload.component | text) as $component
  | ($payload.class | text) as $class
  | first_text(.routing_key, .service_key) as $routing
  | first_text(.dedup_key, .incident_key) as $key
  | first_text(.event_action, .event_type) as $verb
  | first_text($payload.summary, .description) as $summary
  | {
      title: $summary,
      detection_id: ($class // $summary),
      rule_version: null,
      severity: ($payload.severity | severity),
      raw_severity: ($payload.severity | text),
      occurred_at: ($payload.timestamp | if type == "number" then . else text end),
      status: (if $verb == "resolve" then "resolved" else "firing" end),
      entities: [($payload.source | source_entity($component)), ($component | entity("service"; "target.service"; "field")),
                 ($payload.custom_details, .details | details)],
      # Where the class is the detection, several problems of one class differ by their place only.
      facets: [($payload.source | facet("source")),
               (if $component then $component | facet("component") else empty end),
               ($payload.group | text | values | facet("group"))],
      attack: [],
      # The key outlives one event.
      occurrence_id: (if $key and ($payload.timestamp | text) then "\($key)/\($payload.timestamp)/\($verb // "")" else null end),
      # Without a key PagerDuty opens a new incident each time; here the same thing at the same place is one problem.
      about: ([$routing, ($payload.source, $component, $payload.group, $summary | text)]
              | if .[1:] | map(values) == [] then [$part | tojson] else . end),
      problem: (if $key then ["key", $routing // "", $key] | tojson else null end),
      owner_hints: [],
      links: links(.client_url, (.links | list[] | obj | .href), (.contexts | list[] | obj | .href)),
      payload: $part
    };

# An incident, or what happened to one: a note, a responder, a status update then only refer to it.
def from_webhook($part):
  (.data | obj) as $data
  | (.event_type | text) as $type
  | (if $data.incident | type == "object" then $data.incident else $data end) as $incident
  | ($incident.service | obj) as $service
  | (.event_type | family == "service") as $of_service
  | ($data.priority | obj | first_text(.summary, .name)) as $priority
  | (if $priority | severity then $priority else first_text($data.urgency, $priority) end) as $severity
  | first_text($incident.title, $incident.summary, $data.name) as $title
  | (if $of_service then $data else $service end | first_text(.summary, .name)) as $service_name
  | (if $of_service then $data else $service end | first_text(.id)) as $service_id
  | {
      title: $title,
      # An incident names no rule. What PagerDuty calls it is the summary of the event that opened it.
      detection_id: (if $of_service then $type else $title end),
      rule_version: null,
      severity: ($severity | severity),
      raw_severity: $severity,
      occurred_at: (.occurred_at // $incident.created_at | if type == "number" then . else text end),
      status: (if $type == "incident.resolved" or $type == "incident.resolve" or $incident.status == "resolved" then "resolved"
               else "firing" end),
      entities: [(first_text($service_name, $service_id) | entity("service"; "target.service"; "field")),
                 # Who handled the incident, not who caused it.
                 (.agent | obj | select(.type == "user_reference") | first_text(.summary, .id) | entity("user"; "related.user"; "field"))],
      facets: [($service_id | facet("service"))],
      attack: [],
      occurrence_id: (.id | text),
      about: ([$service_id, $title, $type] | if map(values)[1:] == [] then [$part | tojson] else . end),
      problem: (if $of_service then null else $incident | first_text(.id) | if . then "incident/\(.)" else null end end),
      owner_hints: [($data.teams, $data.assignees | list[]), $data.escalation_policy | obj | first_text(.summary, .name) | values],
      links: links($data.html_url, $incident.html_url, ($data.conference_bridge | obj | .conference_url)),
      payload: $part
    };

# Version 2 had other names for the same things.
def message:
  .messages[0] | {
    id, event_type: .event, occurred_at: .created_on,
    data: (.incident + {assignees: [.incident.assignments | list[] | obj | .assignee]})
  };

def alerts:
  parts | . as $part
  | if type != "object" then {} | from_event($part)
    elif .messages | list[0] | is_message then message | from_webhook($part)
    elif .event | type == "object" then
      .event | if .event_type == "pagey.ping" then {control: "ping"} else from_webhook($part) end
    else from_event($part) end;
