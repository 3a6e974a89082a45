# Grafana: webhooks of unified alerting (Alertmanager's shape with Grafana's own keys) and of the older dashboard alerts.

# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];

# What Alertmanager's own posts never have. Its source gives way from two of these on.
def is_unified:
  type == "object"
  and (.alerts | list | map(obj | .labels | type == "object") | any)
  and count(
    .version == "1",
    has("orgId"),
    (has("state") and has("message")),
    (.alerts | map(obj | has("silenceURL") or has("dashboardURL") or has("panelURL") or has("valueString")) | any)
  ) >= 2;
def states: {alerting: true, ok: true, no_data: true, paused: true, pending: true, unknown: true};
def is_old:
  obj | count(
    (.ruleId | type == "number"), (.ruleName | text), (.ruleUrl | text), (states[.state | text // ""]),
    (.evalMatches | type == "array"), (has("dashboardId") or has("panelId") or has("orgId"))
  ) >= 4;

def recognises: is_unified or is_old;

# Sites choose the word; these are the words of the usual schools. Bare digits are left out: some count up, some down.
def severity:
  {
    critical: "critical", crit: "critical", fatal: "critical", emergency: "critical", emerg: "critical", alert: "critical",
    page: "critical", disaster: "critical", p0: "critical", p1: "critical", sev0: "critical", sev1: "critical",
    high: "high", major: "high", error: "high", err: "high", urgent: "high", p2: "high", sev2: "high",
    medium: "medium", moderate: "medium", average: "medium", warning: "medium", warn: "medium", ticket: "medium",
    p3: "medium", sev3: "medium",
    low: "low", minor: "low", p4: "low", sev4: "low",
    informational: "informational", information: "informational", info: "informational", notice: "informational",
    debug: "informational", none: "informational", ok: "informational", p5: "informational", sev5: "informational"
  }[text // "" | ascii_downcase];

# Labels that differ between two firings of one problem, that say nothing about it, or that the identity holds anyway: no facets.
def no_facets:
  {
    alertname: true, severity: true, pod: true, pod_name: true, container_id: true, id: true, uid: true, replica: true,
    prometheus: true, prometheus_replica: true, "__name__": true, endpoint: true, ref_id: true,
    "__alert_rule_uid__": true, "__alert_rule_namespace_uid__": true, "__value_string__": true
  };

# Labels that the operator's own configuration sets. Any other may carry what an attacker typed.
def configured:
  {
    cluster: true, namespace: true, job: true, service: true, instance: true, instance_port: true, host: true, node: true, env: true,
    environment: true, region: true, account: true, datacenter: true, team: true, app: true, deployment: true, mountpoint: true,
    device: true, grafana_folder: true, datasource_uid: true, rulename: true
  };

# "db-01:9100" -> {host: "db-01", port: "9100"}. A URL (blackbox probes) and a bare IPv6 address have no port to split off.
def address:
  . as $whole | split(":") as $parts
  | if startswith("[") then ltrimstr("[") | split("]") | {host: .[0], port: (.[1] // "" | ltrimstr(":") | text)}
    elif ($parts | length) == 2 and ($parts[1] | number) != null then {host: $parts[0], port: $parts[1]}
    else {host: $whole, port: null} end;

def kind_of_host:
  if startswith("http://") or startswith("https://") then "url"
  elif (split(":") | length) > 2 then "ip"
  else split(".") | if length == 4 and (map(select(number != null)) | length) == 4 then "ip" else "host" end end;

def entity($side; $kind; $from): {kind: $kind, value: ., role: "\($side).\($kind)", provenance: $from};

# The target is what lasts. Where a workload is named its pod is only related; where a host is named the instance is its exporter.
def entities($from):
  first_text(.node, .host, .hostname, .nodename, .server) as $host
  | first_text(.deployment, .statefulset, .daemonset, .service, .service_name) as $workload
  | [ ($host | values | entity("target"; kind_of_host; $from)),
      (.instance | text | values | address.host | select(. and . != $host)
        | entity(if $host then "related" else "target" end; kind_of_host; $from)),
      ($workload | values | entity("target"; "service"; $from)),
      (first_text(.instance_id, .InstanceId, ."info.host_id") | values | entity("target"; "instance"; $from)),
      (first_text(.pod, .pod_name) | values | entity(if $workload then "related" else "target" end; "pod"; $from)),
      (first_text(.container, .container_name) | values | entity("related"; "container"; $from)),
      (first_text(.source_ip, .src_ip, .client_ip, .remote_ip) | values | entity("source"; "ip"; $from)),
      (first_text(.user, .username) | values | entity("actor"; "user"; $from)),
      (.bucket | text | values | entity("target"; "bucket"; $from)),
      (.account, .account_id | text | values | entity("related"; "account"; $from)),
      (.process | text | values | entity("related"; "process"; $from)),
      (.url | text | values | entity("related"; "url"; $from)),
      (.domain | text | values | entity("related"; "domain"; $from)) ];

# "[ var='B' labels={instance=db-01:9100, job=db} value=17 ]": what the query found, where the alert's labels do not say it.
def found_labels:
  text // "" | split("labels={") | .[1:]
  | map(split("}")[0] // "" | split(", ")[] | split("=") | select(length > 1) | {key: .[0], value: (.[1:] | join("="))})
  | from_entries;

def facets:
  (.instance | text | if . then address else null end) as $instance
  | . + (if $instance then {instance: $instance.host} else {} end)
  | . + (if $instance.port then {instance_port: $instance.port} else {} end)
  | to_entries
  | map(select(no_facets[.key] | not)
      | {key, value: (.value | text), set_by: (if configured[.key] then "environment" else "actor" end)});

def techniques:
  [.mitre, .technique, .techniques, .mitre_technique, .attack_technique | text | values | split(" ") | join(",") | split(",")[]
    | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))]
  | unique;

def started: .startsAt | if type == "number" then . else text end
  | if type == "string" and startswith("0001-01-01") then null else . end;
def links(f): [f | text // "" | select(startswith("http://") or startswith("https://"))];
def owners(f): [f | .team, .owner, .squad | text | values] | unique;

# What the button "Test" of a contact point sends.
def is_test:
  (.labels | obj | . == {alertname: "TestAlert", instance: "Grafana"})
  and (.annotations | obj | .summary == "Notification test");

# A broken entry still becomes an alert, with nulls: no one may lose an alert by breaking it.
def alert($post; $shared):
  . as $entry | obj
  | (.labels | obj) as $labels | (.annotations | obj) as $notes
  | ([$labels | to_entries[] | select(.key != "severity") | "\(.key)=\(.value)"] | sort) as $identity
  | (if first_text(.status, $post.status) == "resolved" then "resolved" else "firing" end) as $status
  | first_text(.fingerprint, ($identity | join(","))) as $name
  | started as $started
  | first_text($labels.severity, $labels.priority) as $severity
  | ($labels | entities("field")) as $entities
  | {
      title: first_text($notes.summary, $notes.title, $labels.alertname, $shared.summary, $shared.title, $post.title),
      # The name, not the id that newer versions add: an upgrade would make every rule a new one.
      detection_id: first_text($labels.alertname, .ruleUID),
      rule_version: null,
      severity: ($severity | severity),
      raw_severity: $severity,
      occurred_at: $started,
      status: $status,
      entities: (if $entities == [] then .valueString | found_labels | entities("text") else $entities end),
      facets: ($labels | facets),
      attack: ($labels | techniques),
      occurrence_id: (if $name and $started then "\($name)/\($started)" + if $status == "resolved" then "/resolved" else "" end
                      else null end),
      # Alertmanager's own identity of an alert, and the organisation. An alert without labels is like no other.
      about: (if $identity == [] then [$entry | tojson] else $identity + ["org=\(first_text(.orgId, $post.orgId))"] end),
      owner_hints: owners($labels, $notes),
      links: links(.generatorURL, .dashboardURL, .panelURL, $post.externalURL, $notes.runbook_url, $shared.runbook_url),
      payload: ($post + {alerts: [$entry]})
    };

# A dashboard alert is one problem whatever series match: its end names none of them.
def old:
  . as $post | (.tags | obj) as $tags
  | [.evalMatches | list[] | obj | .tags | obj | select(. != {})] as $matches
  | ([$matches[] | entities("field")[]]) as $found
  | first_text($tags.severity, $tags.priority, $tags.og_priority) as $severity
  | (if .state == "ok" then "resolved" else "firing" end) as $status
  | {
      title: first_text(.ruleName, .title, .message),
      detection_id: first_text(.ruleId, .ruleName),
      rule_version: null,
      severity: ($severity | severity),
      raw_severity: $severity,
      occurred_at: null,
      status: $status,
      entities: ($found + ($tags | entities("field"))),
      facets: ([{key: "rule", value: (.ruleName | text), set_by: "environment"},
                if $matches == [] then empty
                else {key: "targets", set_by: "environment",
                      value: ([$found[] | select(.role | startswith("target.")) | .value] | unique | join(",") | text)} end]
               + ($tags | facets)),
      attack: ($tags | techniques),
      occurrence_id: null,
      about: ([.ruleName, (.ruleUrl | text // "" | split("/")[2]), .orgId, .dashboardId, .panelId | text]
              | if .[0:2] | map(values) == [] then [$post | tojson] else . end),
      owner_hints: owners($tags),
      links: links(.ruleUrl),
      payload: $post
    };

def alerts:
  if obj | .alerts | type == "array" then
    . as $post | (.commonAnnotations | obj) as $shared
    | .alerts[] | if obj | is_test then {control: "test"} else alert($post; $shared) end
  elif obj | .ruleId == 0 and .ruleName == "Test notification" then {control: "test"}
  else obj | old end;
