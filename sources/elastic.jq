# Elastic Security: alerts of Kibana's detection engine as documents (flat, nested, or both), the older signals, answers of a search for
# them, and the bodies of rule actions that carry {{context.alerts}}. Alerts of Kibana's other rules have the same form.

# What the index's fields API gives is lists of one.
def one: text;
def text: if type == "array" then .[0] else . end | one;
def each: if type == "array" then .[0:20][] else . end | text | values;
def number: [tonumber?][0];
# Bodies made of a template may hold the alerts as JSON in text.
def inner: if type == "string" then [fromjson?][0] else . end;
def pick(f): first(f | text | values) // null;

# Documents name a field {"a.b": 1}, {"a": {"b": 1}}, or some this way and some that: the first is made the second, but for what the
# engine says of the alert, below `kibana.alert` or, before version 8, below `signal`.
def nested: nested(["kibana.", "signal."]);

# What the engine says, with a rule.
def flat($prefix): below($prefix) | .rule = below("rule.");
def has_flat: has_any(["kibana.alert.rule.name", "kibana.alert.uuid", "kibana.alert.rule.uuid"]);
def engine:
  (.["kibana.alert"] // dig("kibana.alert") // (if has_flat then null else .signal end) | obj) as $nested
  | (if has_flat then flat("kibana.alert.") elif has("signal.rule.name") or has("signal.rule.id") then flat("signal.") else {rule: {}} end) as $flat
  | $nested + $flat | .rule = ($nested.rule | obj) + $flat.rule;
def is_alert:
  engine | (.rule | length) > 0
  and count(
    (.rule.name | text), (.rule.uuid // .rule.id | text), (.rule.rule_id // .rule.rule_type_id | text), (.rule.type // .rule.category | text),
    (.severity // .rule.severity // .risk_score // .rule.risk_score | text), (.workflow_status // .status | text), (.uuid | text),
    (.ancestors // .parents // .parent | type == "array" or type == "object"), (.original_time // .start | text), (.reason | text), has("depth")
  ) >= 4;

# Each alert of a post, with what the post is when it is alone in it.
def hits: .hits | obj | .hits;
def is_document: type == "object" and (is_alert or (._source | obj | is_alert) or (.fields | obj | is_alert));
def bundle:
  if type != "object" then null
  elif hits | type == "array" then {list: hits, path: ["hits", "hits"]}
  elif .context | obj | has("alerts") then {list: (.context.alerts | inner), path: ["context", "alerts"]}
  elif has("context.alerts") then {list: (.["context.alerts"] | inner), path: ["context.alerts"]}
  elif has("alerts") then {list: (.alerts | inner), path: ["alerts"]}
  else null end
  | if . and (.list | type == "array") and any(.list[0:50][]; is_document) then . else null end;
def parts:
  bundle as $bundle
  | if $bundle then . as $post | $bundle.list[] | . as $one | {part: ($post | setpath($bundle.path; [$one])), alert: ., post: $post}
    else {part: ., alert: ., post: {}} end;
# Few payloads of others get further than a look at their keys.
def glance:
  type == "object"
  and has_any(["kibana", "signal", "kibana.alert.rule.name", "kibana.alert.uuid", "kibana.alert.rule.uuid", "kibana.alert",
               "signal.rule.name", "signal.rule.id", "_source", "fields", "hits", "context", "context.alerts", "alerts"]);
def recognises: glance and (is_document or bundle != null);

def severities: {low: "low", medium: "medium", high: "high", critical: "critical", informational: "informational", info: "informational",
    # Rules outside of the detection engine.
    minor: "low", warning: "medium", major: "high"};
# The bands that Kibana itself puts beside the words.
def of_risk:
  if type == "string" then number else . end
  | if type != "number" or . < 0 or . > 100 then null
    elif . >= 74 then "critical" elif . >= 48 then "high" elif . >= 22 then "medium" else "low" end;

# Only one plain word is an end.
def word: if type == "array" and length == 1 then .[0] else . end | if type == "string" then ascii_downcase else null end;
def lifecycle: {open: true, active: true, close: true};
def technique: text // "" | select(startswith("T") and (ltrimstr("T") | split(".") | (.[0] | length == 4 and number != null) and length < 3));
def threats: list[] | obj | .technique | list[] | obj | .id, (.subtechnique | list[] | obj | .id);

def is_system: ascii_downcase | . == "system" or . == "local service" or . == "network service" or endswith("$");
def entity($kind; $role): each | {kind: $kind, value: ., role: $role, provenance: "field"};
def facet($key; $set_by): texts | {key: $key, value: ., set_by: $set_by};

# The fields of the Elastic Common Schema that say what an alert is about.
def common: {
    host: dig(["host.name", "host.hostname"]), host_id: dig("host.id"), host_ip: dig("host.ip"),
    user: dig("user.name"), user_domain: dig("user.domain"), user_id: dig("user.id"), target_user: dig(["user.target.name", "user.effective.name"]),
    source: dig(["source.ip", "client.ip"]), destination: dig(["destination.ip", "server.ip"]), source_user: dig("source.user.name"),
    domain: dig(["dns.question.name", "destination.domain", "url.domain"]), url: dig(["url.full", "url.original"]),
    process: dig(["process.executable", "process.name"]), command: dig(["process.command_line", "process.args"]),
    parent: dig(["process.parent.executable", "process.parent.name"]),
    file: dig(["file.path", "file.name"]), registry: dig("registry.path"),
    hashes: [dig("file.hash"), dig("process.hash"), dig("dll.hash") | obj | .sha256, .sha1, .md5],
    container: dig(["container.name", "container.id"]),
    pod: (dig("kubernetes.pod.name")
          // (if dig("orchestrator.resource.type") == "pod" then dig("orchestrator.resource.name") else null end)),
    workload: dig("kubernetes.deployment.name"), namespace: dig(["kubernetes.namespace", "orchestrator.namespace"]),
    account: dig(["cloud.account.id", "cloud.project.id"]), region: dig("cloud.region"), instance: dig("cloud.instance.id"),
    service: dig("service.name"), organization: dig("organization.id"), agent: dig("user_agent.original"),
    action: dig("event.action"), outcome: dig("event.outcome"), dataset: dig("event.dataset"),
    from: dig("email.from.address"), to: dig("email.to.address"),
    # What a list of threats and an event have in common.
    matched: [dig("threat.enrichments") | list[0:20][] | dig("matched.atomic") | text | values],
    trail: (dig("aws.cloudtrail") | obj), bucket: dig("aws.s3.bucket.name")
  };

def entities:
  (.user | texts) as $user | (.host | text) as $host | (.workload | text) as $workload
  | (.pod // $workload | text) as $pod
  | [ (.user | each | entity("user"; if is_system then "related.user" else "actor.user" end)),
      (.source_user | select(. != null and texts != $user) | entity("user"; "actor.user")),
      (.target_user | select(texts != $user) | entity("user"; "target.user")),
      (.trail.user_identity | obj | (.arn | entity("arn"; "actor.arn")), (.access_key_id | entity("access_key"; "actor.access_key"))),
      (.source | entity("ip"; "source.ip")),
      (.destination | entity("ip"; "related.ip")),
      # A pod outlives no node and a node hosts many: what was attacked is the nearer of the two.
      (.host | entity("host"; if $pod then "related.host" else "target.host" end)),
      (.host_ip | each | select(contains("%") | not) | entity("ip"; "related.ip")),
      (.workload | entity("service"; "target.service")),
      (.pod | entity("pod"; if $workload then "related.pod" else "target.pod" end)),
      (.container | entity("container"; if $host or $pod then "related.container" else "target.container" end)),
      (.instance | entity("instance"; if $host then "related.instance" else "target.instance" end)),
      (.bucket | entity("bucket"; "target.bucket")),
      (if $host or $workload then empty else .service | entity("service"; "target.service") end),
      (.from | entity("email"; "source.email")), (.to | entity("email"; "target.email")),
      (.process, .parent | entity("process"; "related.process")),
      (.file | entity("file"; "related.file")),
      (.hashes[] | entity("hash"; "related.hash")),
      (.domain | entity("domain"; "related.domain")),
      (.url | text // "" | select(contains("://")) | entity("url"; "related.url")) ]
  # Who is told from whom by the facets.
  | settled;

def facets($space; $terms):
  [ ($space | values | facet("space"; "environment")),
    ((.account, .organization) // null | values | facet("account"; "environment")),
    (if .host == null and (.user // .account // .service // .to) then empty else .host | facet("host"; "environment") end),
    (.namespace | values | facet("namespace"; "environment")),
    (.workload // .service | values | facet("service"; "environment")),
    (.user | values | facet("user"; "environment")), (.user_domain | values | facet("user_domain"; "environment")),
    (.target_user | values | facet("target_user"; "environment")),
    (if $terms == [] then empty else $terms | join(",") | facet("group"; "environment") end),
    (.action | values | facet("action"; "actor")), (.outcome | values | facet("outcome"; "environment")),
    (.process | values | facet("process"; "actor")), (.parent | values | facet("parent_process"; "actor")),
    (.file | values | facet("file"; "actor")), (.domain | values | facet("domain"; "actor")),
    (.agent | values | facet("user_agent"; "actor")) ];

def alert:
  .part as $part | .post as $post | .alert | obj | . as $hit
  | (if ._source | type == "object" then ._source elif (.fields | type == "object") and (is_alert | not) then .fields else . end)
  | nested | engine as $engine | ($engine.rule.parameters | obj) as $parameters
  | (. as $document | common
     # Rules that are not of the detection engine write what became of the alert there.
     | .action = (if lifecycle[.action | text // ""] then null else .action // ($engine["original_event.action"] // ($engine.original_event | obj | .action)) end)) as $said
  # What a threshold rule counted by, and what another rule of Kibana calls its instance.
  | ([($engine.threshold_result // {terms: $engine["threshold_result.terms"]} | obj | .terms | list[]), ($engine.group | list[]),
        ($engine.suppression // {terms: $engine["suppression.terms"]} | obj | .terms | list[])
       | obj | "\(.field | text // "")=\(.value | texts // "")"] | unique) as $terms
  | (if $terms == [] then [$engine["instance.id"], ($engine.instance | obj | .id) | text | values | select(. != "*")] else $terms end) as $terms
  | ($said | entities) as $entities
  | pick(.["kibana.space_ids"], dig("kibana.space_ids")) as $space
  | pick($engine.severity, $engine.rule.severity, $parameters.severity) as $word
  | pick($engine.risk_score, $engine.rule.risk_score, $parameters.risk_score) as $risk
  | pick($engine.uuid, $hit._id, ._id) as $id
  | ($engine.status | word) as $state | ($engine.workflow_status // $engine.status | word) as $workflow
  | ($state == "recovered" or $state == "untracked" or $workflow == "closed") as $ended
  | ([.["@timestamp"] | if type == "array" then .[0] else . end | select(type == "number" or (type == "string" and . != ""))][0]) as $made
  | ([$said | .account, .organization, .host, .host_id, .user, .user_domain, .user_id, .target_user, .source_user, .source, .destination,
        .container, .pod, .workload, .namespace, .instance, .bucket, .from, .to, (if .host then null else .service end) | texts // ""]
     + ($terms | map(select(. != "=")))) as $strong
  | {
      title: pick($engine.rule.name, $engine.reason, $parameters.name),
      # A rule that comes with Kibana has one id everywhere; others have the id that their space gave them.
      detection_id: pick($engine.rule.rule_id, $parameters.rule_id, $engine.rule.uuid, $engine.rule.id, $engine.rule.name),
      rule_version: pick($engine.rule.version, $parameters.version),
      severity: (severities[$word // "" | ascii_downcase] // (if $word then null else $risk | of_risk end)),
      raw_severity: ($word // $risk),
      occurred_at: ([$engine.original_time, $engine.start | if type == "array" then .[0] else . end
                     | select(type == "number" or (type == "string" and . != ""))][0] // $made),
      status: (if $ended then "resolved" else "firing" end),
      entities: ($entities + [$said | .account | entity("account"; if any($entities[]; .role | startswith("target.")) then "related.account"
                                else "target.account" end)]),
      facets: ($said | facets($space; $terms)),
      attack: ([($engine.rule.threat, $parameters.threat | threats), (dig("threat.technique.id") | each),
                (dig("threat.technique.subtechnique") | obj | .id | each) | technique] | unique),
      # An alert that the engine made is one occurrence. Those of other rules keep their id for as long as they are on.
      occurrence_id: (if $id then [$id, (if $engine.rule.consumer == "siem" then null else $made | text end),
                                   (if $ended then "resolved" else null end)] | map(values) | join("/") else null end),
      # A rule without a host, an account or an address says of no two alerts that they are about one thing.
      about: ([$space] + $strong + ($said | [.process, .command, .parent, .file, .registry, .domain, .url, .action, .outcome, .dataset, .matched, .hashes,
                                   $engine.new_terms] | map(texts // ""))
              + if all($strong[]; . == "") then [$id // ($part | tojson)] else [] end),
      owner_hints: [(dig("labels.owner"), dig("labels.team")) | text | values],
      links: [$engine.url, ($post | obj | .results_link, (.context | obj | .results_link), (.rule | obj | .url)),
              ($engine.rule.references // $parameters.references | list[0:10][])
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
