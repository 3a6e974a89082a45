# CloudEvents 1.0 and 0.3 as one JSON object each, whatever they carry. What is inside is no vendor's that is known here, so
# every entity is `text` and may ask, never fire.

def number: [tonumber?][0];
def json: [fromjson?][0];

def recognises:
  type == "object" and (.specversion | type == "string" and (startswith("1.") or startswith("0.")))
  and count((.id | type == "string"), (.source | type == "string"), (.type | type == "string")) >= 2;

# Data is JSON, or JSON in a string, or either in base64: 1.0 has a key for that, 0.3 says so beside it.
def data:
  (if .data_base64 | type == "string" then .data_base64 | [@base64d?][0]
   elif .datacontentencoding == "base64" and (.data | type == "string") then .data | [@base64d?][0]
   else .data end)
  | if type == "string" then json // . else . end
  | if type == "array" then .[0] else . end | obj;

# The extension `severity` counts in steps of four from trace to fatal; words are those of the usual schools.
def severity:
  (.severitynumber | if type == "string" then number else . end) as $number
  | if $number | type == "number" and . >= 1 and . <= 24 then
      if $number >= 21 then "critical" elif $number >= 17 then "high" elif $number >= 13 then "medium" else "informational" end
    else null end;
def word:
  {
    critical: "critical", fatal: "critical", emergency: "critical", alert: "critical", high: "high", error: "high", major: "high",
    medium: "medium", moderate: "medium", warning: "medium", warn: "medium", low: "low", minor: "low", notice: "low",
    informational: "informational", info: "informational", debug: "informational", trace: "informational"
  }[text // "" | ascii_downcase];

def technique: text // "" | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null));
def named: if type == "object" then first_text(.name, .id) else text end;
def entity($kind; $role): named | values | {kind: $kind, value: ., role: $role, provenance: "text"};

# The names that things usually have, at one place.
def things:
  [ (first(.user, .username, .userName, .user_name, .["user.name"], .actor, .principal, .principalEmail | named | values) | entity("user"; "actor.user")),
    (first(.source_ip, .sourceIp, .src_ip, .srcip, .client_ip, .clientIp, .sourceIPAddress, .ipAddress, .ip | text | values) | entity("ip"; "source.ip")),
    (first(.hostname, .host, .hostName, .["host.name"], .computer, .device, .node | named | values) | entity("host"; "target.host")),
    (first(.service, .service_name, .serviceName | named | values) | entity("service"; "target.service")),
    (first(.pod, .pod_name, .["k8s.pod.name"] | named | values) | entity("pod"; "target.pod")),
    (first(.instance_id, .instanceId | text | values) | entity("instance"; "target.instance")),
    (first(.bucket, .bucketName | named | values) | entity("bucket"; "target.bucket")),
    (first(.account_id, .accountId, .account, .tenantId, .project_id, .projectId | named | values) | entity("account"; "related.account")),
    (first(.container_name, .containerName, .["container.name"], .["container.id"], .container | named | values) | entity("container"; "related.container")),
    (first(.process, .process_name, .processName, .["proc.exepath"], .["proc.name"] | named | values) | entity("process"; "related.process")),
    (first(.dest_ip, .destination_ip, .destinationIp, .dst_ip, .dstip | text | values) | entity("ip"; "related.ip")),
    (first(.file_path, .filePath, .file, .path | text | values) | entity("file"; "related.file")),
    (first(.sha256, .sha1, .md5, .hash, .file_hash | text | values) | entity("hash"; "related.hash")),
    (first(.domain, .domain_name, .domainName | text | values) | entity("domain"; "related.domain")),
    (first(.email, .sender | text | values | select(contains("@"))) | entity("email"; "related.email")) ];

def alert:
  . as $post | obj
  | data as $data
  | ($data.rule | obj) as $rule
  | first_text($rule.id, $rule.name, $data.rule_id, $data.ruleId, $data.rule, $data.rule_name, $data.ruleName, $data.detection_id, $data.alertname) as $detection
  | first_text(.severitytext, $data.severity, ($data.severity | obj | .label), .severity, .priority, $data.priority, .severitynumber) as $raw
  | ([$data, ($data.alert, $data.detection, $data.resource, $data.details, $data.event, $data.labels, $data.output_fields | obj | select(. != {})) | things[]]
      | unique_by([.role, .value])) as $entities
  | first_text(.type) as $type | first_text(.source) as $source | first_text(.subject) as $subject
  | (($data.status, $data.state | text // "" | ascii_downcase | select(. == "resolved" or . == "recovered")) // null) as $ended
  | {
      title: (first_text($data.title, $data.summary, $rule.name, $data.rule, $data.rule_name, $data.ruleName, $data.alertname, $data.name, $data.message, $data.description)
              // ([$type, $subject | values] | join(": ") | text)),
      detection_id: ($detection // $type),
      rule_version: null,
      severity: (severity // ($raw | word)),
      raw_severity: $raw,
      occurred_at: (.time | if type == "number" then . else text end),
      status: (if [$ended | values] != [] then "resolved" else "firing" end),
      entities: $entities,
      facets: [{key: "source", value: $source, set_by: "environment"},
               (if $subject then {key: "subject", value: $subject, set_by: "actor"} else empty end)],
      attack: ([$data.tags, $data.techniques, $data.mitre, $data.technique | if type == "array" then .[] else . end | technique] | unique),
      # Source and id together are unique: CloudEvents promises that.
      occurrence_id: (if $source and (.id | text) then "\($source)/\(.id)" else (.id | text) end),
      # One producer reports of many things: what it calls the subject, and what its data names.
      about: ([$type, $source, $subject] + if $subject == null and $entities == [] then [if $data == {} then .id | text else $data | tojson end]
              else ($entities | map("\(.role)=\(.value)")) end),
      owner_hints: [$data.team, $data.owner | text | values],
      links: [$data.url, $data.link, $data.html_url | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $post
    };

def alerts: if type == "array" and . != [] then .[] | alert else alert end;
