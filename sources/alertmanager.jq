# Prometheus Alertmanager: webhook posts of version 4, and of the older version 3 which has no fingerprints.

# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];

# Grafana posts nearly the same shape, so no single key decides: enough of Alertmanager's marks, fewer than two of Grafana's.
def recognises:
  type == "object"
  and (.alerts | list | map(obj | .labels | type == "object") | any)
  and count(
    .version == "4" or .version == "3",
    (.receiver | type == "string"),
    (.externalURL | type == "string"),
    (.groupKey | type == "string" or type == "number"),
    (.groupLabels, .commonLabels, .commonAnnotations | type == "object"),
    # Clients that send by hand leave much out, but not what an alert of Prometheus has.
    (.alerts[0] | obj | (.labels | obj | has("alertname")) and has("startsAt") and (has("generatorURL") or has("annotations")))
  ) >= 4
  and count(
    .version == "1",
    has("orgId"),
    (has("state") and has("message")),
    (.alerts | map(obj | has("silenceURL") or has("dashboardURL") or has("valueString")) | any)
  ) < 2;

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

# Labels that differ between two firings of one problem, or that say nothing about it: no facets.
def volatile:
  {
    alertname: true, severity: true, pod: true, pod_name: true, container_id: true, id: true, uid: true, replica: true,
    prometheus: true, prometheus_replica: true, timeout: true, "__name__": true, endpoint: true, monitor: true
  };

# Labels that the operator's own configuration sets. Any other may carry what an attacker typed.
def configured:
  {
    cluster: true, namespace: true, job: true, service: true, instance: true, instance_port: true, host: true, node: true, env: true,
    environment: true, region: true, account: true, datacenter: true, team: true, app: true, deployment: true, mountpoint: true,
    device: true
  };

# "db-01:9100" -> {host: "db-01", port: "9100"}. A URL (blackbox probes) and a bare IPv6 address have no port to split off.
def address:
  . as $whole | split(":") as $parts
  | if startswith("[") then ltrimstr("[") | split("]") | {host: .[0], port: (.[1] // "" | ltrimstr(":") | text)}
    elif ($parts | length) == 2 and ($parts[1] | number) != null then {host: $parts[0], port: $parts[1]}
    else {host: $whole, port: null} end;

def kind_of_host:
  split(".") as $parts
  | if startswith("http://") or startswith("https://") then "url"
    elif (split(":") | length) > 2 then "ip"
    elif ($parts | length) == 4 and ($parts | map(select(number != null)) | length) == 4 then "ip"
    else "host" end;

def entity($side; $kind): {kind: $kind, value: ., role: "\($side).\($kind)", provenance: "field"};

# The target is what lasts. Where a workload is named its pod is only related; where a host is named the instance is its exporter.
def entities($address):
  first_text(.node, .host, .hostname, .nodename) as $host
  | first_text(.deployment, .statefulset, .daemonset, .service) as $workload
  | [ ($host | values | entity("target"; kind_of_host)),
      ($address.host | select(. and . != $host) | entity(if $host then "related" else "target" end; kind_of_host)),
      ($workload | values | entity("target"; "service")),
      (first(.pod, .pod_name | text | values) | entity(if $workload then "related" else "target" end; "pod")),
      (first(.container, .container_name | text | values) | entity("related"; "container")),
      (first(.source_ip, .src_ip, .client_ip, .remote_ip | text | values) | entity("source"; "ip")),
      (first(.user, .username | text | values) | entity("actor"; "user")),
      (.bucket | text | values | entity("target"; "bucket")),
      (.process | text | values | entity("related"; "process")),
      (.url | text | values | entity("related"; "url")),
      (.domain | text | values | entity("related"; "domain")) ];

# The port of an instance is a facet of its own, so that `instance` equals the host which the alert is about.
def facets($address):
  . + (if $address then {instance: $address.host} + if $address.port then {instance_port: $address.port} else {} end else {} end)
  | [to_entries[] | select(volatile[.key] | not)
     | {key, value: (.value | text), set_by: (if configured[.key] then "environment" else "actor" end)}];

def techniques:
  [.mitre, .technique, .techniques, .mitre_technique, .attack_technique | text | values | split(" ") | join(",") | split(",")[]
    | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))]
  | unique;

def started: .startsAt | if type == "number" then . else text end
  | if type == "string" and startswith("0001-01-01") then null else . end;

# A broken entry still becomes an alert, with nulls: no one may lose an alert by breaking it.
def alert($post):
  . as $entry | obj
  | (.labels | obj) as $labels | (.annotations | obj) as $notes | ($post.commonAnnotations | obj) as $shared
  | ([$labels | to_entries[] | select(.key != "severity") | "\(.key)=\(.value)"] | sort) as $identity
  | (if first_text(.status, $post.status) == "resolved" then "resolved" else "firing" end) as $status
  # Version 3 has no fingerprint; the label set, which a fingerprint is the hash of, names the alert as well.
  | (.fingerprint | text // ($identity | join(",") | text)) as $name
  | started as $started
  | ($labels.instance | text | if . then address else null end) as $address
  | {
      title: first_text($notes.summary, $notes.title, $shared.summary, $shared.title, $labels.alertname),
      detection_id: ($labels.alertname | text),
      rule_version: null,
      severity: ($labels.severity | severity),
      raw_severity: ($labels.severity | text),
      occurred_at: $started,
      status: $status,
      entities: ($labels | entities($address)),
      facets: ($labels | facets($address)),
      attack: ($labels | techniques),
      occurrence_id: (if $name and $started then "\($name)/\($started)" + if $status == "resolved" then "/resolved" else "" end
                      else null end),
      # Alertmanager's own identity of an alert. An alert without labels is like no other, so its whole text stands in.
      about: (if $identity == [] then [$entry | tojson] else $identity end),
      owner_hints: ([$labels.team, $labels.owner, $labels.squad, $notes.team, $notes.owner | text | values] | unique),
      links: [.generatorURL, $post.externalURL, $notes.runbook_url, $notes.runbook, $notes.dashboard_url, $notes.dashboard,
              $shared.runbook_url
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: ($post + {alerts: [$entry]})
    };

def alerts: obj as $post | $post.alerts | list[] | alert($post);
