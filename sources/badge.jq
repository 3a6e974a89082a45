# Physical access: our own generic door and badge events, and the webhooks of Verkada, UniFi Protect, PDK and serial door readers.


# Vendors' words -> ours. A word that is not here stays the detection as it is. Where the word itself says why, or that the alarm
# is over, that is in the table too.
def words:
  {
    door_forced_open: {}, door_held_open: {}, access_denied: {}, tailgating: {},

    door_tailgating: {event: "tailgating"},
    door_keycard_entered_rejected: {event: "access_denied"}, door_code_entered_rejected: {event: "access_denied"},
    door_mobile_nfc_scan_rejected: {event: "access_denied"}, door_ble_unlock_attempt_rejected: {event: "access_denied"},
    door_face_presented_rejected: {event: "access_denied"}, door_lp_presented_rejected: {event: "access_denied"},
    door_remote_unlock_rejected: {event: "access_denied"},
    door_deactivated_credential_used: {event: "access_denied", reason: "revoked"},

    "device.alarm.forced": {event: "door_forced_open"},
    "device.alarm.forced.cleared": {event: "door_forced_open", cleared: true},
    "device.alarm.propped.on": {event: "door_held_open"},
    "device.alarm.propped.off": {event: "door_held_open", cleared: true},
    "device.alarm.propped.alloff": {event: "door_held_open", cleared: true},
    "device.request.denied": {event: "access_denied"}, "device.request.ecard.denied": {event: "access_denied"},
    "device.request.filtered": {event: "access_denied"},
    "device.request.unknown": {event: "access_denied", reason: "unknown_badge"}
  };

def directions: {inbound: "entry", outbound: "egress", "in": "entry", "out": "egress"};

# The shapes: each takes more than one key to tell.
def is_own:
  obj | (.event | type == "string") and (has("door") or has("badge"))
    and count(
      words[.event], (.door | type == "object"), (.site | type == "object"), has("badge"), (.cleared | type == "boolean"),
      .event_id, .time, .system
    ) >= 4;
def is_verkada:
  obj | (.data | obj) as $data
  | ($data.notification_type | text // "" | startswith("door_"))
    and count(.webhook_type == "notification", $data.device_type == "access_control", ($data.door_info | type == "object")) >= 2;
def is_unifi:
  obj | .alarm | obj | (.triggers | type == "array") and ((.sources | type == "array") or (.conditions | type == "array"));
def is_pdk:
  obj | (.type | text // "" | startswith("device.alarm.") or startswith("device.request."))
    and (.data | obj | .deviceId | text != null);
def is_reader:
  list | (.[0] | type == "string") and (.[1] | obj | .data | obj | .type == "deviceEvent" and (.events | type == "array" and . != []));

# A post may bring many events. Each part is the post with one of them.
def parts:
  . as $post
  | if is_reader then .[1].data.events[] as $one | $post | .[1].data.events = [$one]
    elif is_unifi and .alarm.triggers != [] then .alarm.triggers[] as $one | $post | .alarm.triggers = [$one]
    elif type == "array" then .[]
    elif type == "object" and (.events | type == "array") then .events[] as $one | $post + {events: [$one]}
    else . end;

# One part in our own format, flat. What a vendor does not say is left out.
def own:
  (if .events | type == "array" then .events[0] | obj else . end) | (.door | obj) as $door | {
    event, event_id, time, reason, severity, cleared, hours,
    site: (.site | obj | first_text(.id, .name)), door: ($door | first_text(.id, .name)), door_name: $door.name, direction: $door.direction,
    badge: (.badge | obj | .id), person: (.person | obj | .id)
  };
def verkada:
  .data | (.door_info | obj) as $door | ($door.site | obj) as $site | {
    event: .notification_type, event_id, time: .created,
    site: first_text($site.site_id, $site.name), door: first_text(.door_id, $door.door_id), door_name: $door.name, direction,
    # The number of a card is a badge; what someone typed into a keypad is a secret.
    badge: (if .notification_type == "door_keycard_entered_rejected" then .input_value else null end),
    person: (.user_info | obj | .user_id)
  };
def unifi:
  .alarm as $alarm | ($alarm.triggers[0] | obj) as $trigger | {
    # The key says what a camera or sensor saw; unless it is a door event, the site's own alarm is the rule that fired.
    event: first_text(($trigger.key | select(words[text // ""])), $alarm.name, $trigger.key),
    event_id: $trigger.eventId, time: ($trigger.timestamp // .timestamp), door: $trigger.device,
    title: $alarm.name, link: $alarm.eventLocalLink
  };
# PDK's own documents give no name for the time: any of the usual ones.
def pdk:
  .data as $data | {
    event: .type, event_id: first_text(.id, $data.eventId), time: ([(., $data) | .occurred, .timestamp, .time | select(.)][0]),
    door: $data.deviceId, person: $data.holderId, reason: $data.reason
  };
def reader:
  .[1].data | (.events[0] | obj) as $event | {
    event: (if $event.systemApproved == false then "access_denied" else $event.event end),
    time, door: .deviceid, badge: $event.publicMediaLabel
  };
def event:
  if is_reader then reader
  elif is_verkada then verkada
  elif is_unifi then unifi
  elif is_pdk then pdk
  else obj | own end;

def recognises: is_reader or ([parts | is_verkada or is_unifi or is_pdk or (obj | (.events | list)[0] // . | is_own)] | any);

def severity:
  {informational: "informational", info: "informational", low: "low", medium: "medium", high: "high", critical: "critical"}
    [text // "" | ascii_downcase];

# All facets are the access system's: whoever stands at the door can choose none of them.
def facet($key): {key: $key, value: text, set_by: "environment"};

def alert:
  . as $part | event
  | (words[.event | text // ""] // {}) as $word
  | first_text($word.event, .event) as $detection
  | first_text(.reason, $word.reason) as $reason
  | (directions[.direction | text // "" | ascii_downcase] // .direction | text) as $direction
  | (.cleared == true or $word.cleared == true) as $cleared
  | {
      title: first_text(.title, ([($detection // "" | split("_") | join(" ")), first_text(.door_name, .door) | text | select(.)] | join(": "))),
      detection_id: $detection,
      rule_version: null,
      severity: (.severity | severity),
      raw_severity: (.severity | text),
      occurred_at: (.time | if type == "number" then . else text end),
      status: (if $cleared then "resolved" else "firing" end),
      entities: [(.door | entity("door"; "target.door")), (.badge | entity("badge"; "actor.badge")),
                 (.person | entity("user"; "actor.user"))],
      facets: [(.site | facet("site")), (.door | facet("door")), ($direction | facet("direction")),
               if $detection == "access_denied" then $reason | facet("reason")
               elif $detection == "door_held_open" and (.hours | text) then .hours | facet("hours")
               else empty end],
      attack: [],
      # An alarm and its end may share the event id.
      occurrence_id: (.event_id | text | if . and $cleared then "\(.)/resolved" else . end),
      # A door alarm is about the door: its end names no badge. A refusal or a tailgate is about who stood at which side of it.
      about: ([(.site, .door | text),
               if $detection // "" | startswith("door_") then empty else $direction, (.badge, .person | text) end]
              | if map(select(.)) == [] then [$part | tojson] else . end),
      owner_hints: [],
      links: [.link | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
