# Okta System Log: events from the API and its exports, event hooks, and log streams through EventBridge. Exporters that write
# every key in lower case are read too.


def event_type: first_text(.eventType, .eventtype);
def is_event:
  type == "object" and (event_type // "" | contains("."))
  and count(
    (.published | text), (.actor | type == "object"), (.legacyEventType // .legacyeventtype | text), (.displayMessage // .displaymessage | text),
    (.outcome | type == "object"), (.client | type == "object"), (.target | type == "array"),
    (.debugContext // .debugcontext | type == "object"), (.securityContext // .securitycontext | type == "object"),
    (.authenticationContext // .authenticationcontext | type == "object")
  ) >= 5;
def is_hook:
  type == "object" and (.data | obj | .events | type == "array")
  and (.eventType == "com.okta.event_hook" or (.source | text // "" | contains("/eventHooks/")));
def is_stream: type == "object" and (.detail | is_event);
def parts:
  if is_hook and .data.events != [] then . as $post | .data.events[] as $one | $post | .data.events = [$one]
  elif type == "array" and . != [] then .[]
  else . end;
def opened: if is_hook then .data.events[0] elif is_stream then .detail else . end | obj;
def recognises: is_event or is_hook or is_stream;

def severity: {DEBUG: "informational", INFO: "informational", WARN: "medium", ERROR: "high"}[text // "" | ascii_upcase];

# Okta writes "unknown" for a login name, and for a name at all, that it does not have.
def name:
  if .displayName == "unknown" and .alternateId == "unknown" then null
  else first_text((.alternateId, .alternateid, .displayName, .displayname | select(. != "unknown" and . != "N/A")), .id) end;
def is_person: .type | text // "" | . == "User" or . == "AppUser";

def facet($key; $set_by): {key: $key, value: text, set_by: $set_by};

# Who and what an event was done to. The first person is the target, others are only related.
def targets:
  ([.[] | select(is_person) | name | values] | unique) as $people
  | ($people[0] | entity("user"; "target.user")), ($people[1:][] | entity("user"; "related.user")),
    (first(.[] | select(.type == "AppInstance" or .type == "App") | first_text(.displayName, .displayname, .alternateId, .id) | values) | entity("service"; "target.service")),
    (first(.[] | select(.type == "Device") | first_text(.displayName, .displayname, .id) | values) | entity("host"; "target.host"));

# What comes and goes with each event names no problem.
def lasting: .type | text // "" | ascii_downcase | . != "code" and (endswith("token") and . != "token" or endswith("session") | not);

def alert:
  . as $part | opened
  | (.actor | obj) as $actor | (.client | obj) as $client | (.outcome | obj) as $outcome
  | (.debugContext // .debugcontext | obj | .debugData // .debugdata | obj) as $debug
  | (.request | obj | .ipChain // .ipchain | list | map(obj)) as $chain
  | [.target | list[] | objects] as $targets
  | event_type as $type | ($actor | name) as $who
  | first_text($client.ipAddress, $client.ipaddress, $chain[0].ip) as $ip
  | ($part | obj | if is_hook then .source | text // "" | split("/")[2] // null else first_text(.account) end) as $org
  | ($client.userAgent // $client.useragent | obj | first_text(.rawUserAgent, .rawuseragent)) as $agent
  | {
      title: first_text(.displayMessage, .displaymessage, $type),
      detection_id: $type,
      rule_version: null,
      severity: (.severity | severity),
      raw_severity: (.severity | text),
      occurred_at: ([.published, ($part | obj | .eventTime, .time) | select(type == "number" or (type == "string" and . != ""))][0]),
      status: "firing",
      entities: [
        ($who | entity(if $actor.type | text // "User" | . == "User" then "user" else "service" end;
                       if $actor.type | text // "User" | . == "User" then "actor.user" else "actor.service" end)),
        # Okta is spoken to over TLS only; behind a proxy the address is what the proxy said.
        ($ip | entity("ip"; "source.ip") | if $chain | length < 2 then .handshake = true else . end),
        ($chain[].ip | select(. != $ip) | entity("ip"; "related.ip")),
        ($targets | targets) ],
      facets: [
        (if $org then $org | facet("org"; "environment") else empty end),
        (if $who == null and $actor != {} then empty else $who | facet("actor"; "environment") end),
        (if $targets != [] then first($targets[] | select(lasting) | name | values) // null | facet("target"; "environment") else empty end),
        ($outcome.result | facet("outcome"; "environment")),
        (if $client != {} then $agent | facet("user_agent"; "actor") else empty end) ],
      attack: [],
      occurrence_id: first_text(.uuid, ($part | obj | .eventId)),
      # The same is done by the same actor to the same things from the same address, with the same outcome.
      about: ([$org, $who, $ip, ($outcome.result | text), ($outcome.reason | text), first_text($debug.privilegeGranted, $debug.privilegegranted)]
        + ([$targets[] | select(lasting) | "\(.type | text)=\(name)"] | sort)
        + if $who == null and $ip == null and $targets == [] then [.uuid // ($part | tojson) | text] else [] end),
      owner_hints: [],
      links: [],
      payload: $part
    };

def alerts: parts | alert;
