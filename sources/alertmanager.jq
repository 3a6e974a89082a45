# Prometheus Alertmanager: webhook posts of version 4, and of the older version 3 which has no fingerprints.

def text: if type == "string" and . != "" then . elif type == "number" or type == "boolean" then tostring else null end;
def obj: if type == "object" then . else {} end;
def list: if type == "array" then . else [] end;
# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];
def count(f): [f | select(.)] | length;
def pick(f): [f | text | select(. != null)][0];

# Grafana posts nearly the same shape, so no single key decides: enough of Alertmanager's marks, fewer than two of Grafana's.
def recognises:
  type == "object"
  and (.alerts | list | map(obj | .labels | type == "object") | any)
  and count(
    .version == "4" or .version == "3",
    (.receiver | type == "string"),
    (.externalURL | type == "string"),
    (.groupKey | type == "string" or type == "number"),
    (.groupLabels, .commonLabels, .commonAnnotations | type == "object")
  ) >= 5
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
  ["alertname", "severity", "pod", "pod_name", "container_id", "id", "uid", "replica", "prometheus", "prometheus_replica",
   "timeout", "__name__", "endpoint", "monitor"];

# Labels that the operator's own configuration sets. Any other may carry what an attacker typed.
def configured:
  ["cluster", "namespace", "job", "service", "instance", "instance_port", "host", "node", "env", "environment", "region",
   "account", "datacenter", "team", "app", "deployment", "mountpoint", "device"];

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
def entities:
  pick(.node, .host, .hostname, .nodename) as $host
  | pick(.deployment, .statefulset, .daemonset, .service) as $workload
  | [ ($host | select(.) | entity("target"; kind_of_host)),
      (.instance | text | select(.) | address | .host | select(. and . != $host)
        | entity(if $host then "related" else "target" end; kind_of_host)),
      ($workload | select(.) | entity("target"; "service")),
      (pick(.pod, .pod_name) | select(.) | entity(if $workload then "related" else "target" end; "pod")),
      (pick(.container, .container_name) | select(.) | entity("related"; "container")),
      (pick(.source_ip, .src_ip, .client_ip, .remote_ip) | select(.) | entity("source"; "ip")),
      (pick(.user, .username) | select(.) | entity("actor"; "user")),
      (pick(.bucket) | select(.) | entity("target"; "bucket")),
      (pick(.process) | select(.) | entity("related"; "process")),
      (pick(.url) | select(.) | entity("related"; "url")),
      (pick(.domain) | select(.) | entity("related"; "domain")) ];

# The port of an instance is a facet of its own, so that `instance` equals the host which the alert is about.
def facets:
  . + (if .instance | text then .instance | text | address | {instance: .host} + if .port then {instance_port: .port} else {} end
       else {} end)
  | with_entries(select(.key as $key | volatile | map(. == $key) | any | not))
  | to_entries
  | map({key, value: (.value | text),
         set_by: (.key as $key | if configured | map(. == $key) | any then "environment" else "actor" end)});

def techniques:
  [.mitre, .technique, .techniques, .mitre_technique, .attack_technique | text | select(.) | split(" ") | join(",") | split(",")[]
    | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))]
  | unique;

def started: .startsAt | if type == "number" then . else text end
  | if type == "string" and startswith("0001-01-01") then null else . end;

# A broken entry still becomes an alert, with nulls: no one may lose an alert by breaking it.
def alert($post):
  . as $entry | obj
  | (.labels | obj) as $labels | (.annotations | obj) as $notes | ($post.commonAnnotations | obj) as $shared
  | ($labels | to_entries | map(select(.key != "severity") | "\(.key)=\(.value)") | sort) as $identity
  | (if pick(.status, $post.status) == "resolved" then "resolved" else "firing" end) as $status
  # Version 3 has no fingerprint; the label set, which a fingerprint is the hash of, names the alert as well.
  | (pick(.fingerprint, ($identity | join(",")))) as $name
  | {
      title: pick($notes.summary, $notes.title, $shared.summary, $shared.title, $labels.alertname),
      detection_id: ($labels.alertname | text),
      rule_version: null,
      severity: ($labels.severity | severity),
      raw_severity: ($labels.severity | text),
      occurred_at: started,
      status: $status,
      entities: ($labels | entities),
      facets: ($labels | facets),
      attack: ($labels | techniques),
      occurrence_id: (if $name and started then "\($name)/\(started)" + if $status == "resolved" then "/resolved" else "" end
                      else null end),
      # Alertmanager's own identity of an alert. An alert without labels is like no other, so its whole text stands in.
      about: (if $identity == [] then [$entry | tojson] else $identity end),
      owner_hints: ([$labels.team, $labels.owner, $labels.squad, $notes.team, $notes.owner | text | select(.)] | unique),
      links: [.generatorURL, $post.externalURL, $notes.runbook_url, $notes.runbook, $notes.dashboard_url, $notes.dashboard,
              $shared.runbook_url
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: ($post + {alerts: [$entry]})
    };

def alerts: obj as $post | $post.alerts | list[] | alert($post);
