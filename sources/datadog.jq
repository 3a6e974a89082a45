# Datadog: webhook bodies (the default template and the usual own ones, which only rename the same variables) and security signals.

# A variable that Datadog had no value for stays as "$NAME".
def said: text | if . == null or startswith("$") or . == "null" then null else . end;
def pick(f): first(f | said | values) // null;
def json: if type == "string" then [fromjson?][0] else . end;
def swap($mark): (. / $mark) | join("");

# "alert_id", "alertId" and "ALERT_ID" are one variable, at the top or in an object `alert`, `org`, `event`, `metadata`.
def plain: ascii_downcase | swap("_") | swap("-");
def under($key; $prefix): .[$key] | obj | to_entries[] | [$prefix + (.key | plain), .value];
def names:
  reduce (under("metadata"; ""), under("event"; "event"), under("alert"; "alert"), under("org"; "org"), under("monitor"; "monitor"),
          (to_entries[] | [(.key | plain), .value])) as [$name, $value]
    ({}; .[$name] = $value);

def transitions:
  {
    triggered: "high", "re-triggered": "high", "no data": "high", "re-no data": "high", warn: "medium", "re-warn": "medium",
    renotify: null, recovered: null, "warn recovered": null, "no data recovered": null, alert: "high", resolved: null
  };

def is_signal_object: obj | .type == "signal" and (.attributes | obj | has("tags") or has("attributes") or has("custom"));
def marks:
  count(
    (.body, .eventmsg, .alertmessage | text // "" | startswith("%%%") or contains("@webhook-")),
    (.url, .link, .eventurl, .snapshot | text // "" | contains("datadoghq.") or contains("ddog-gov.")),
    (.alerttransition | said | . and (ascii_downcase as $word | transitions | has($word))),
    (.title, .eventtitle | text // "" | startswith("[Triggered") or startswith("[Recovered") or startswith("[Warn")
      or startswith("[Re-") or startswith("[No data") or startswith("[P")),
    (.org | obj | has("id") and has("name")),
    (has("lastupdated") and has("date")),
    (.eventtype | text // "" | endswith("alert") or endswith("monitor") or endswith("_check") or contains("security")),
    ({error: true, warning: true, success: true, info: true}[.alerttype | text // ""]),
    has("monitorid"), has("alertid"), has("alertcyclekey"), has("aggregkey"), has("alertquery"), has("alertmetric"),
    (has("alertscope") or has("scopes")), has("alertstatus"), has("orgid"), has("securitysignalid"), has("securityruleid")
  );
# The full look only where a quick one finds a variable that is Datadog's own, or its `org`.
def recognises:
  first(if type == "array" then .[] else . end)
  | is_signal_object
    or (type == "object"
        and (has_any(["alert_transition", "alertTransition", "alert_cycle_key", "alertCycleKey", "monitor_id", "alert_id", "alertId",
                      "last_updated", "lastUpdated", "alert_query", "alert_scope", "scopes", "security_rule_id", "security_signal_id",
                      "metadata", "ALERT_ID", "ALERT_TRANSITION"])
             or (.org | type == "object") or (.alert | obj | has("transition")))
        # Bundles and envelopes of others.
        and (has_any(["alerts", "Records", "specversion"]) | not)
        and (names | marks) >= 4);

# Monitor priorities, the levels of events, and the severities of signals.
def severity:
  {
    p1: "critical", p2: "high", p3: "medium", p4: "low", p5: "informational",
    error: "high", warning: "medium", info: "informational", success: "informational",
    critical: "critical", high: "high", medium: "medium", low: "low"
  }[text // "" | ascii_downcase];

# "[P2] [Triggered on {host:db-01}] Disk full" -> scope "host:db-01", name "Disk full": the brackets say state, priority and scope.
def bracket:
  if startswith("[") then
    split("] ") as $parts | $parts[0][1:] as $in | ($in | split(" on {")) as $state
    | if ($parts | length) > 1 and (($in | severity) or ($state[0] | ascii_downcase as $word | transitions | has($word)))
      then {inside: $in, state: $state[0], scope: ($state[1] // "" | rtrimstr("}")), rest: ($parts[1:] | join("] "))}
      else {rest: .} end
  else {rest: .} end;
def title_parts:
  bracket as $first | ($first.rest | bracket) as $second
  | {name: $second.rest, scope: ([$first, $second | .scope // "" | select(. != "")][0]),
     words: [$first, $second | .state | values]};

# "a:1,b:x:y" or ["a:1"] or {a: 1}
def pairs:
  if type == "string" then split(",") elif type == "object" then [to_entries[] | "\(.key):\(.value | list[0] // .)"] else list end
  | [.[] | text | values | trim | split(":") | select(length > 1) | {key: (.[0] | ltrimstr("@")), value: (.[1:] | join(":"))}
     | select(.value != "" and .value != "*")];

# What a tag names. Datadog reserves the first ones; the others are those of its own integrations.
def kinds:
  {
    host: ["host", "target.host"], service: ["service", "target.service"],
    instance_id: ["instance", "target.instance"], "instance-id": ["instance", "target.instance"],
    bucketname: ["bucket", "target.bucket"], bucket_name: ["bucket", "target.bucket"], s3_bucket: ["bucket", "target.bucket"],
    kube_deployment: ["service", "related.service"], functionname: ["service", "related.service"],
    database_id: ["service", "target.service"], dbinstanceidentifier: ["service", "target.service"],
    url: ["url", "related.url"], instance: ["host", "related.host"],
    pod_name: ["pod", "related.pod"],
    container_name: ["container", "related.container"], container_id: ["container", "related.container"],
    aws_account: ["account", "related.account"], account_id: ["account", "related.account"],
    project_id: ["account", "related.account"], subscription_id: ["account", "related.account"],
    "usr.id": ["user", "actor.user"], "usr.name": ["user", "actor.user"], "usr.email": ["email", "actor.email"],
    user: ["user", "actor.user"], username: ["user", "actor.user"], "userIdentity.arn": ["arn", "actor.arn"],
    "network.client.ip": ["ip", "source.ip"], "http.client_ip": ["ip", "source.ip"], client_ip: ["ip", "source.ip"],
    source_ip: ["ip", "source.ip"], "network.destination.ip": ["ip", "related.ip"], process_name: ["process", "related.process"]
  };
def entity_of_pair($known):
  kinds[.key] as [$kind, $role] | select($kind)
  | {kind: $kind, value, provenance: "field",
     role: (if $role == "target.service" and $known.service and .key != "service" then "related.service" else $role end)};

# A signal's attributes are nested: the few paths that its documents name.
def attribute_pairs:
  obj | (.network | obj) as $network | (.usr | obj) as $user
  | [ ["usr.id", pick($user.id, $user.name)], ["usr.email", $user.email],
      ["network.client.ip", pick($network.client | obj | .ip)], ["network.destination.ip", pick($network.destination | obj | .ip)],
      ["userIdentity.arn", pick(.userIdentity | obj | .arn)],
      ["host", pick(.hostname, .host | ., list[0])], ["service", pick(.service | ., list[0])]
      | select(.[1] | said) | {key: .[0], value: (.[1] | tostring)} ];

# Tags whose value changes from one firing to the next: no facets.
def volatile: {pod_name: true, container_id: true, container_name: true, "network.client.ip": true, monitor: true};
def configured:
  {
    host: true, service: true, env: true, environment: true, region: true, availability_zone: true, "availability-zone": true,
    cluster_name: true, kube_cluster_name: true, kube_namespace: true, kube_deployment: true, aws_account: true, account_id: true,
    project_id: true, instance_id: true, database_id: true, device: true, role: true, team: true, datacenter: true, functionname: true
  };

def techniques($tags):
  [$tags[] | select(.key == "technique") | .value | split("-")[0] // "" | select(startswith("T"))] | unique;

# Found in the message only where the template has no variable for it: the link to the monitor.
def monitor_in_text:
  text // "" | split("/monitors/")[1] // "" | split("?")[0] // "" | split("#")[0] // "" | split(")")[0] // ""
  | select((tonumber? // null) != null);

# The group of a multi alert, as the same link names it: …?group=service%3Acart&…
def group_in_text: text // "" | split("?group=")[1] // "" | split("&")[0] // "" | split(")")[0] // "" | text;

# The names as the rest of this file knows them.
def from_signal:
  (.attributes | obj) as $attributes | ($attributes | .attributes // .custom | obj) as $custom
  | ($custom.workflow | obj | .rule | obj) as $rule
  | {
      securitysignalid: .id, securitysignaltitle: pick($custom.title, $attributes.title, $rule.name),
      securityruleid: $rule.id, securityrulename: $rule.name, securitysignalattributes: $custom,
      securitysignalseverity: pick($attributes.status, $custom.status), date: $attributes.timestamp, tags: $attributes.tags,
      eventmsg: $attributes.message
    };

def alert:
  . as $part
  | if is_signal_object then from_signal else obj | names end
  | pick(.alerttitle, .securitysignaltitle) as $plain_title
  | pick(.title, .eventtitle, $plain_title, .incidenttitle, .securityrulename) as $title
  | ($title // "" | title_parts) as $titled
  | (if pick(.securitysignalid, .securityruleid, .securityrulename) then true else false end) as $is_signal
  | (.tags | pairs) as $tags
  | (pick(.alertscope, .scopes, .scope) // $titled.scope // "" | pairs) as $scope
  | (.securityrulegroupbyfields | json | pairs) as $group
  | (.securitysignalattributes | json | attribute_pairs) as $attributes
  | pick(.securityruleid, .monitorid, .alertid, (.body, .eventmsg, .alertmessage | monitor_in_text), .securityrulename) as $rule
  | pick(.alerttransition, $titled.words[]) as $transition
  | pick(.securitysignalseverity, .alertpriority, (.severity, .priority | select(severity)), ($titled.words[] | select(severity)),
         .incidentseverity, .alerttype, .severity) as $severity
  | (if $transition // "" | ascii_downcase | endswith("recovered") or . == "resolved" then "resolved" else "firing" end) as $status
  | pick(.orgid, .orgname) as $org
  | pick(.id, .eventid, .securitysignalid) as $id
  | pick(.alertcyclekey) as $cycle
  | pick(.body, .eventmsg, .alertmessage | group_in_text) as $group_of_link
  | pick(.alertcyclekey, .aggregkey) as $group_key
  | pick(.hostname) as $host
  | (reduce (($scope + $group + $attributes)[], ({key: "host", value: $host} | select($host)), $tags[]) as $pair
      # The scope speaks first; a tag only adds what the scope does not name.
      ({}; if .[$pair.key] then . else .[$pair.key] = $pair end)) as $known
  | {
      title: $title,
      detection_id: ($rule // (if $titled.name != "" then $titled.name else null end)),
      rule_version: null,
      severity: (($severity | severity) // transitions[$transition // "" | ascii_downcase]),
      raw_severity: ($severity // $transition),
      occurred_at: ([.date, .dateposix, .lastupdated, .lastupdatedposix, .timestamp | select(type == "number" or said)][0]),
      status: $status,
      entities: ([$known[] | entity_of_pair($known)]
                 # Who posted the event in Datadog, not who caused it.
                 + [.user, .username | said | values | {kind: "user", value: ., role: "related.user", provenance: "field"}]),
      facets: ([if $org then {key: "org", value: $org, set_by: "environment"} else empty end,
                ($scope + $group
                 + (if $is_signal then [$attributes[] | select({"usr.id": true, host: true, service: true}[.key])] else [] end)
                 | unique_by(.key)[] | select(volatile[.key] | not)
                 | {key, value, set_by: (if configured[.key] then "environment" else "actor" end)})]
               | if . == [] then [$tags[] | select(configured[.key]) | {key, value, set_by: "environment"}] | unique_by(.key)
                 else . end),
      attack: techniques($tags),
      occurrence_id: (if $id then $id
                      elif $cycle then [$cycle, $transition, pick(.lastupdated, .date)] | map(values) | join("/")
                      else null end),
      # Monitor and scope; a title's brackets hold the state too. A signal has what its rule groups by, or whom it names.
      # Without a scope the title's own words and the link tell one group from another.
      about: ([$org, (if $rule and $scope != [] or $is_signal then null else $titled.name end)]
              + (if $is_signal then $group + $scope + $attributes else $scope end
                 | [unique[] | "\(.key)=\(.value)"])
              + (if $is_signal and $group + $scope + $attributes == [] then [$id // ($part | tojson)]
                 elif $scope == [] then [$host, $group_of_link] else [] end)
              | map(values | select(. != ""))
              | if $rule == null and (. == [] or . == [$org]) then . + [$group_key // $id // ($part | tojson)] else . end),
      owner_hints: ([$tags[] | select(.key == "team" or .key == "owner") | .value] | unique),
      links: [.url, .link, .eventurl, .incidenturl | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: if type == "array" then .[] else . end | alert;
