# Splunk: what the webhook of a saved search posts (and the custom alert actions made after it), notable events and findings of Enterprise
# Security, as exported, as a search answers with them, or around one another.

def number: [tonumber?][0];
def json: if type == "string" then [fromjson?][0] else . end;
# What a lookup had no answer for.
def said: text | if {unknown: true, "N/A": true, "n/a": true, "-": true, none: true, null: true, NULL: true}[. // ""] then null else . end;
def each: if type == "array" then .[0:50][] else . end | said | values;
# A list within a list says nothing here.
def texts: if type == "array" then map(text | values) | unique | join(",") | text else text end;
def pick(f): first(f | if type == "array" then .[0] else . end | said | values) // null;

# A name of Enterprise Security's own alone is not enough: searches may give any name to a field.
def is_notable: type == "object" and (has("urgency") or has("security_domain") or has("notable_type") or .index == "notable" or .index == "risk")
  and count(
    (.rule_name // .rule_title // .search_name | text), (.urgency | text), (.security_domain | text), .index == "notable",
    (.event_id // .rule_id // .notable_id | text // "" | contains("@@")), (.source | text // "" | endswith(" - Rule")), .sourcetype == "stash",
    (._bkt // ._cd // ._indextime | text), (.rule_description | text), (.notable_type | text), has("drilldown_search"), has("orig_raw"),
    (.risk_object // .dest_risk_score // .risk_score | text), (.status_label | text)
  ) >= (if has("security_domain") then 4 else 5 end);
def is_webhook: type == "object" and (.result | type == "object")
  and count((.search_name | text), (.sid | text), (.results_link | text), (.app | text), (.owner | text), has("server_host"), has("search_uri")) >= 3;
def is_search: type == "object" and (.results | type == "array") and any(.results[]; is_notable);
def is_event: type == "object" and (.event | is_notable);
# The lines of an export.
def is_line: type == "object" and (.result | is_notable);
def recognises:
  type == "object"
  and has_any(["result", "results", "event", "security_domain", "urgency", "notable_type", "index"])
  and (is_webhook or is_line or is_notable or is_search or is_event);
def parts:
  if is_search then . as $post | .results[] | {part: ($post + {results: [.]}), result: ., post: $post}
  elif type == "object" and (.result | type == "object") then {part: ., result, post: .}
  elif is_event then {part: ., result: .event, post: .}
  elif type == "array" then .[] | {part: ., result: ., post: {}}
  else {part: ., result: ., post: {}} end;

def words:
  {informational: "informational", info: "informational", low: "low", medium: "medium", high: "high", critical: "critical"};

def is_ip: split(".") | length == 4 and (map(length < 4 and ([tonumber?][0]) != null) | all);
def is_address: is_ip or (split(":") | length > 2);
def entity($kind; $role): {kind: $kind, value: ., role: $role, provenance: "field"};
def machine($side): each | if is_address then entity("ip"; "\($side).ip") else entity("host"; "\($side).host") end;
def facet($key; $set_by): texts | {key: $key, value: (if said then . else null end), set_by: $set_by};

# The fields of Splunk's Common Information Model that name things.
def entities($origin):
  (.src_user | said) as $by | pick(.user, .user_name, .username) as $user
  | pick(.dest, .dest_host, .dest_nt_host) as $dest
  | pick(.vendor_account, .aws_account_id, .account_id, .dest_account, .cloud_account_id, .recipientAccountId) as $account
  | [ (if $by then (.src_user | each | entity("user"; "actor.user")), (.user | each | select(. != $by) | entity("user"; "target.user"))
       else (.user // .user_name // .username | each | entity("user"; "actor.user")) end),
      (.dest_user, .target_user | each | select(. != $user) | entity("user"; "target.user")),
      (.src, .src_ip | machine("source")), (.src_host, .src_nt_host | each | select(is_address | not) | entity("host"; "source.host")),
      (.dest, .dest_host, .dest_nt_host | machine("target")),
      (.dest_ip | each | select(. != $dest) | select(is_address) | entity("ip"; "related.ip")),
      (if $dest then empty else .dvc, .orig_host | machine("target") end),
      # Of a notable the field `host` is the search head, of what a search found it is where the event came from.
      (if $dest then empty else $origin | machine("target") end),
      (.risk_object_type as $kind | .risk_object
        | if $kind == "user" then each | entity("user"; "actor.user") elif $kind == "system" then machine("target") else empty end),
      (.process_path // .process_name // .process | each | entity("process"; "related.process")),
      (.parent_process_path // .parent_process_name | each | entity("process"; "related.process")),
      (.file_path // .file_name | each | entity("file"; "related.file")),
      (.file_hash, .process_hash | each | split(",")[] | split("=") | last | select(utf8bytelength > 31) | entity("hash"; "related.hash")),
      (.url | each | select(contains("://")) | entity("url"; "related.url")),
      (.query, .url_domain, .dest_domain | each | select(contains(".") and (contains(" ") or contains("/") or contains("=") | not) and (is_ip | not))
        | entity("domain"; "related.domain")),
      (.bucket_name, .bucketName | each | entity("bucket"; "target.bucket")),
      (.instance_id, .instanceId | each | entity("instance"; "target.instance")),
      (.src_user_email, .sender | each | select(contains("@")) | entity("email"; "source.email")),
      (.recipient | each | select(contains("@")) | entity("email"; "target.email")),
      ($account | values | entity("account"; "related.account")) ]
  | settled;

# Fields that say nothing of what an alert is about: when it was, how often, how grave, who works on it, how it was found.
def volatile:
  {
    linecount: true, punct: true, splunk_server: true, splunk_server_group: true, eventtype: true, tag: true, timestamp: true, time: true,
    severity: true, severity_id: true, urgency: true, priority: true, priorities: true, crit: true, owner: true, owner_realname: true,
    status: true, reviewer: true, review_time: true, comment: true, rule_id: true, event_id: true, event_hash: true, notable_id: true,
    notable_type: true, sid: true, rid: true, rule_title: true, rule_description: true, savedsearch_description: true, linked: true, pid: true,
    process_id: true, parent_process_id: true, first: true, last: true, latest: true, earliest: true, firsttime: true, lasttime: true,
    start: true, "end": true, index: true, source: true, sourcetype: true, host: true, search_name: true, rule_name: true, security_domain: true,
    finding_id: true, investigation_id: true, src_port: true, session_id: true, risk_message: true, description: true
  };
def counts:
  (split("account") | join("") | split("country") | join("") | contains("count"))
  or contains("time") or contains("score") or contains("bytes") or contains("packets") or contains("duration")
  or contains("status_") or contains("disposition") or contains("drilldown") or contains("annotations") or contains("date_")
  or contains("info_") or contains("next_steps") or contains("recommended") or contains("avg") or contains("percent");
# Enterprise Security writes what its inventory knows of a host or a user beside it: it changes while the problem stays.
def enriched:
  (startswith("dest_") or startswith("src_") or startswith("user_") or startswith("host_") or startswith("dvc_") or startswith("orig_")
   or startswith("risk_object_"))
  and ({dest_ip: true, dest_host: true, dest_nt_host: true, dest_port: true, dest_user: true, dest_domain: true, dest_account: true, dest_dns: true,
        src_ip: true, src_host: true, src_user: true, src_domain: true, user_id: true, user_name: true, orig_host: true, user_domain: true,
        risk_object_type: true}[.] | not);
def subject($notable):
  [to_entries[] | (.key | ascii_downcase) as $name
   | select($name | (startswith("_") or volatile[.] or counts or ($notable and enriched)) | not)
   | (.value | texts) as $value | select($value | said) | "\($name)=\($value)"] | unique;
# A log line begins with its time, and often goes on with the host that wrote it.
def untimed($host):
  text // "" | if $host and contains(" \($host) ") then split(" \($host) ")[1:] | join(" \($host) ")
  elif .[4:5] == "-" and .[7:8] == "-" and .[13:14] == ":" then .[19:] else . end | text;

def techniques:
  [(.["annotations.mitre_attack"], .["annotations.mitre_attack.mitre_technique_id"], .mitre_technique_id, .mitre_technique, .mitre_attack,
      (.annotations | json | obj | .mitre_attack))
   | if type == "array" then .[] else . end | text // "" | split(",")[] | split("\n")[] | trim
   | select(startswith("T") and (startswith("TA") | not) and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))] | unique;

# The id of a search ends with when it was run: …_at_1700000000_123, …__1700000000.12
def run_at: text // "" | split("_at_") | if length > 1 then last | split("_")[0] else null end | if . and number then . else null end;

# scheduler__owner__app__name_at_…; longer names are hashed there.
def named: text // "" | split("__") | (.[3] // "" | split("_at_")[0] // "" | text) | if . and (startswith("RMD5") | not) then . else null end;

def alert:
  .part as $part | (.post | obj) as $post | .result | obj
  | . as $result
  | is_notable as $notable
  # Notable events may be passed on by a search of their own.
  | (if $notable then pick(.search_name, .source, $post.search_name, .rule_name, .rule_title)
     else pick($post.search_name, .search_name) end) as $search
  | pick(.host) as $host
  | entities(if $notable then null else .host end) as $entities
  | subject($notable) as $fields
  | pick(.urgency, .severity) as $word
  | (pick(.status_label, .status) // "" | ascii_downcase) as $state
  | ($notable and ($state == "closed" or $state == "resolved" or $state == "4" or $state == "5")) as $ended
  | (pick(.event_id, .notable_id, (.rule_id | select(text // "" | contains("@@")))) as $event
     | if $event then $event
       elif $post.sid | text then [$post.sid, ._bkt, ._cd, ._serial | text | values] | join("/")
       elif (._bkt | text) and (._cd | text) then "\(._bkt)/\(._cd)" else null end) as $id
  | {
      title: (if $notable then pick(.rule_title, .rule_name, $search) else $search // ($post.sid | named) end),
      detection_id: $search,
      rule_version: null,
      severity: words[$word // "" | ascii_downcase],
      raw_severity: ($word // (.urgency // .severity | texts)),
      occurred_at: ([._time, (if $notable then .orig_time else null end), .timestamp, ($post.sid | run_at)
                     | if type == "array" then .[0] else . end | select(type == "number" or (type == "string" and . != ""))][0]),
      status: (if $ended then "resolved" else "firing" end),
      entities: $entities,
      facets: ([
          (if $notable then .security_domain | values | facet("security_domain"; "environment") else $post.app | facet("app"; "environment") end),
          # Where no host, user or account is named the search says it of nothing that is known.
          (if any($entities[]; .kind == "user" or .kind == "account" or .kind == "bucket" or .kind == "email" or (.role | startswith("target.")))
           then empty else {key: "dest", value: null, set_by: "environment"} end),
          (.dest // .dest_host // .dest_nt_host | values | facet("dest"; "environment")),
          (if $notable then empty else .host | values | facet("host"; "environment") end),
          (.user // .user_name // .username | values | facet("user"; "environment")), (.src_user | values | facet("src_user"; "environment")),
          (.risk_object | values | facet("risk_object"; "environment")), (.app | values | facet("application"; "environment")),
          (.vendor_account // .aws_account_id // .account_id // .cloud_account_id | values | facet("account"; "environment")),
          (.signature // .signature_id | values | facet("signature"; "environment")), (.action | values | facet("action"; "environment")),
          (.process_path // .process_name // .process | values | facet("process"; "actor")),
          (.file_path // .file_name | values | facet("file"; "actor")), (.command | values | facet("command"; "actor")),
          (.http_user_agent | values | facet("user_agent"; "actor")) ]),
      attack: techniques,
      occurrence_id: (if $id and $ended then "\($id)/resolved" else $id end),
      # Any field that a search gives may be what it is about. Where it gives none the log itself is.
      about: ((if $notable then [.security_domain | text] else [($post.app, .index, .source, .sourcetype, .host) | texts] end) + $fields
              + if any($entities[]; .value != $host and (.role | startswith("related.") | not)) and $fields != [] then []
                else [.orig_raw // ._raw | untimed($host)] + (if $fields == [] and (.orig_raw // ._raw | text) == null
                      then [$id // ($part | tojson)] else [] end) end),
      owner_hints: [(if $notable then .owner else null end), .dest_owner | said | values | select(. != "unassigned")],
      links: [$post.results_link, .drilldown_link, $post.search_uri
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
