# Wazuh alerts: lines of alerts.json, documents of its index (_source, hits), what the integrations and active responses send
# around one, and the Slack and Keep forms, which hold only prose.

# Members of a list of one stand for themselves: some indexes and aggregators store every field so.
def one: text;
def text: if type == "array" then .[0] else . end | one;
def number: [tonumber?][0];
def pick(f): first(f | text | values) // null;

def is_alert:
  type == "object" and (.rule | type == "object" and has("level") and (has("id") or has("description")))
  and ((.agent | type == "object") or (.manager | type == "object"))
  and count(
    (.manager | type == "object"), (.agent | obj | has("id")), (.decoder | type == "object"), has("location"), has("full_log"),
    (.rule | has("firedtimes")), (.rule | has("groups")), (.id | text)
  ) >= 3;
def is_slack:
  type == "object" and (.attachments | type == "array") and (.attachments[0] | obj | .pretext | text // "" | ascii_downcase | . == "wazuh alert");
def is_keep:
  type == "object" and (.description | type == "string" and startswith("Rule ID ") and contains("\nLevel ") and contains("\nAgent "))
  and has("message");

# What the envelopes hold: of an index document, of an integration (Shuffle and those made after it), of an active response.
def inside: if type != "object" then . else first((._source, .all_fields, .alert, (.parameters | obj | .alert)) | select(is_alert)) // . end;
def parts:
  if type == "object" and (.hits | obj | .hits | type == "array" and . != []) then . as $post | .hits.hits[] as $one | $post | .hits.hits = [$one]
  elif type == "array" and . != [] then .[]
  else . end;
def opened: if type == "object" and (.hits | obj | .hits | type == "array") then .hits.hits[0] else . end;
def recognises: [parts | opened | (inside | is_alert) or is_slack or is_keep] | any;

# "(001) - web-01", "5503 _(Level 5)_"
def from_slack:
  .attachments[0] | obj
  | . as $note
  | (reduce (.fields | list[] | obj) as $field ({}; .[$field.title | text // ""] = ($field.value | text))) as $fields
  | ($fields.Agent // "" | split(") - ")) as $agent | ($fields["Rule ID"] // "" | split(" _(Level ")) as $rule
  | {
      rule: {id: $rule[0], level: ($rule[1] // "" | split(")")[0]), description: .title},
      agent: {id: ($agent[0] // "" | ltrimstr("(")), name: ($agent[1:] | join(") - "))}, location: $fields.Location,
      id: (.ts | text), full_log: .text
    };
def from_keep:
  . as $post
  | (.description | split("\nFull Log ")) as $parts
  | (reduce ($parts[0] | split("\n")[]) as $line ({};
      reduce ("Rule ID ", "Level ", "Agent ID ", "Agent Name ", "Title ") as $word (.;
        if $line | startswith($word) then .[$word] = ($line | ltrimstr($word)) else . end))) as $said
  | {
      rule: {id: $said["Rule ID "], level: $said["Level "], description: ($said["Title "] // .message)},
      agent: {id: $said["Agent ID "], name: $said["Agent Name "]},
      full_log: ($parts[1:] | join("\nFull Log ") | rtrimstr("\n")),
      # Its zones are written +01.00.
      timestamp: (.created_at
        | if type == "string" and (.[-3:-2] == ".") and (.[-6:-5] == "+" or .[-6:-5] == "-") then .[:-3] + ":" + .[-2:] else . end),
      word: .severity
    };

# Wazuh's own bands of its levels 0 to 16.
def severity:
  if type == "string" then number else . end
  | if type != "number" or . < 0 or . > 16 then null
    elif . >= 15 then "critical" elif . >= 12 then "high" elif . >= 7 then "medium" else "low" end;
def word: {info: "informational", low: "low", warning: "medium", medium: "medium", high: "high", critical: "critical"}[text // "" | ascii_downcase];

def address: split(".") | length == 4 and (map(length < 4 and number != null) | all);
# Some decoders leave the brackets of the log around a name.
def bare: text | if . then ltrimstr("<") | rtrimstr(">") else . end;
def entity($kind; $role): text | values | select(. != "-") | {kind: $kind, value: ., role: $role, provenance: "field"};
def facet($key; $set_by): {key: $key, value: texts, set_by: $set_by};

# Decoders name the same things alike; the logs of systems with a format of their own keep their names below one key.
# Each gives its entities, its facets, and what tells its subject.
def common:
  (.alert | obj | .signature_id | text) as $signature
  | pick(.dstip, .dst_ip, .dest_ip, .dstaddr) as $far
  | {
      entities: [
        ((.srcip | if type == "array" then .[] else . end), .src_ip, .srcaddr | entity("ip"; "source.ip")),
        ((.dstip | if type == "array" then .[] else . end), .dst_ip, .dest_ip, .dstaddr | entity("ip"; "related.ip")),
        (.srcuser | bare | entity("user"; "actor.user")), (.dstuser | bare | entity("user"; "target.user")),
        (.url | text | values | select(startswith("http")) | entity("url"; "related.url")),
        # What a client calls its server is what the client chose.
        ((.http | obj | .hostname), (.tls | obj | .sni) | text | values
          | {kind: (if address then "ip" else "domain" end), value: ., provenance: "text"} | .role = "related.\(.kind)"),
        (if .file or .process or .virustotal then
           (.file | text // "" | select(startswith("/")) | entity("file"; "related.file")),
           (.process | entity("process"; "related.process")),
           (.virustotal | obj | (.source | obj | (.file | entity("file"; "related.file")),
             (.sha1, .md5 | entity("hash"; "related.hash"))))
         else empty end) ],
      facets: [
        (if has("dstuser") or has("srcuser") then pick(.dstuser, .srcuser) | bare | facet("user"; "environment") else empty end),
        (if $signature then $signature | facet("signature"; "environment") else empty end) ],
      subject: [
        (.srcuser, .dstuser, .srcip, .src_ip, .srcaddr, .dstip, .id, .package, .title, .file, .command, .process, .program | texts), $far, $signature,
        (.virustotal | obj | .source | obj | .file | text) ]
    };
def windows:
  (.system | obj) as $system | (.eventdata | obj)
  # For a logon itself nobody else is the subject.
  | (.subjectUserName | text | if . == "-" then null else . end) as $subject
  | pick(.targetUserName, .user, .sourceUser) as $user
  | pick(.image, .newProcessName, .processName) as $process
  | {
      entities: [
        ($subject | entity("user"; "actor.user")),
        ($user | entity("user"; if $subject then "target.user" else "actor.user" end)),
        (.ipAddress | entity("ip"; "source.ip")),
        (.sourceIp, .destinationIp | entity("ip"; "related.ip")),
        ($process | entity("process"; "related.process")), (.parentImage, .parentProcessName | entity("process"; "related.process")),
        (.targetFilename, .imageLoaded | entity("file"; "related.file")),
        (.hashes | text // "" | split(",")[] | select(startswith("SHA") or startswith("MD5")) | entity("hash"; "related.hash")),
        (.destinationHostname, .queryName | entity("domain"; "related.domain")),
        (.workstationName | entity("host"; "related.host")), ($system.computer | entity("host"; "related.host")) ],
      facets: [
        (if $user then $user | facet("user"; "environment") else empty end),
        (if $process then $process | facet("process"; "actor") else empty end) ],
      subject: [$user, $process, $subject, (.ipAddress, .destinationIp, .targetFilename, .targetObject, .serviceName,
        .imagePath, .queryName, .taskName, .commandLine | text), ($system.eventID | text)]
    };
def amazon:
  (.userIdentity | obj) as $who | (.requestParameters | obj) as $asked
  | (.resource | obj | .instanceDetails | obj | .instanceId) as $machine
  | (.service | obj | .action | obj) as $action
  | pick($who.userName, ($who.sessionContext | obj | .sessionIssuer | obj | .userName), $who.arn, $who.principalId) as $user
  | pick(.aws_account_id, .accountId, .recipientAccountId, $who.accountId) as $account
  | pick($asked.bucketName, (.s3bucket)) as $bucket | pick(.instanceId, $machine, $asked.instanceId) as $instance
  | pick(.awsRegion, .region, .aws_region) as $region | pick(.eventName, .type) as $what
  | {
      entities: [
        ($user | entity("user"; "actor.user")), ($who.accessKeyId | entity("access_key"; "actor.access_key")),
        # An AWS service calls by its name; whoever else calls does so over TLS.
        (.sourceIPAddress | text // "" | select(endswith(".amazonaws.com") or . == "AWS Internal" | not)
          | entity("ip"; "source.ip") | . + {handshake: true}),
        ($action.awsApiCallAction, $action.networkConnectionAction | obj | .remoteIpDetails | obj | .ipAddressV4 | entity("ip"; "source.ip")),
        ($bucket | entity("bucket"; "target.bucket")), ($instance | entity("instance"; "target.instance")),
        ($account | entity("account"; if $bucket or $instance then "related.account" else "target.account" end)) ],
      facets: [($account | facet("account"; "environment")), ($region | facet("region"; "environment")), ($user | facet("user"; "environment")),
        ($what | facet("call"; "actor"))],
      subject: [$account, $region, $user, $bucket, $instance, $what, (.sourceIPAddress | text)]
    };
# Microsoft 365, Google Cloud and GitHub: who called what from where.
def called($user; $ip; $call; $of; $account):
  {
    entities: [
      ($user | entity("user"; "actor.user")), ($ip | entity("ip"; "source.ip") | . + {handshake: true}),
      ($of | entity("service"; "target.service")), ($account | entity("account"; "related.account")) ],
    facets: [($user | facet("user"; "environment")), ($call | facet("call"; "actor"))],
    subject: ([$user, $ip, $call, $of, $account] | map(text))
  };
def google:
  (.protoPayload | obj) as $proto
  | called($proto.authenticationInfo | obj | .principalEmail; $proto.requestMetadata | obj | .callerIp; $proto.methodName;
      $proto.resourceName; .resource | obj | .labels | obj | .project_id);
def audited:
  {
    entities: [
      (.exe, .command | entity("process"; "related.process")),
      ((.file | obj | .name), (.directory | obj | .name) | entity("file"; "related.file")) ],
    facets: [(.exe | facet("process"; "actor"))],
    subject: [(.exe, .auid, .uid, .key, .command | text), (.file | obj | .name | text), (.directory | obj | .name | text)]
  };
def contained:
  (.Actor | obj | .Attributes | obj)
  | {entities: [(.name | entity("container"; "target.container"))], facets: [(.name | facet("container"; "environment"))],
     subject: [(.name, .image | text)]};
def checked:
  (.check | obj) as $check
  | {entities: [], facets: [($check.id | facet("check"; "environment"))], subject: [($check.id, $check.title, .policy_id, .policy | text)]};
def vulnerable:
  (.package | obj) as $package
  | {entities: [], facets: [(.cve | facet("cve"; "environment")), ($package.name | facet("package"; "environment"))],
     subject: [(.cve, $package.name, $package.version | text)]};
def watched:
  (.audit | obj) as $audit | ($audit.user | obj | .name | text) as $user | ($audit.process | obj | .name | text) as $process
  | {
      entities: [
        (.path | entity("file"; "related.file")), (.sha256_after, .sha1_after, .md5_after | entity("hash"; "related.hash")),
        ($user | entity("user"; "actor.user")), ($process | entity("process"; "related.process")) ],
      facets: [(.path | facet("file"; "actor")), (if $process then $process | facet("process"; "actor") else empty end)],
      subject: [(.path | text), $user, $process]
    };
# Addresses in a log that no decoder took apart.
def told: text // "" | split(" ")[] | select(contains(".")) | ltrimstr("(") | rtrimstr(")") | rtrimstr(",") | select(address)
  | {kind: "ip", value: ., role: "related.ip", provenance: "text"};
def families($data):
  ($data | common),
  (.syscheck | objects | watched),
  ($data
   | (.win | objects | windows), (.aws | objects | amazon), (.gcp | objects | google), (.audit | objects | audited),
     (.docker | objects | contained), (.sca | objects | checked), (.vulnerability | objects | vulnerable),
     (.office365 | objects | called(.UserId; pick(.ClientIP, .ClientIPAddress, .ActorIpAddress); .Operation; .Workload; .OrganizationId)),
     (.github | objects | called(.actor; .actor_ip; .action; .repo; .org)));

# A log begins with the time, then with the host that wrote it.
def untimed($host):
  if $host and contains(" \($host) ") then split(" \($host) ")[1:] | join(" \($host) ")
  elif .[4:5] == "-" and .[7:8] == "-" and .[13:14] == ":" then .[19:]
  else . end;

def alert:
  . as $part | opened | . as $document
  | (if is_slack then from_slack elif is_keep then from_keep else inside | obj end)
  | . as $alert
  | (if $alert == ($document | inside | obj) then "field" else "text" end) as $provenance
  | (.rule | obj) as $rule | (.agent | obj) as $agent | (.data | obj) as $data | (.predecoder | obj) as $before
  | [families($data)] as $read
  | ([$read[].subject[] | values]) as $subject
  | ($data.vulnerability | obj) as $hole | ($hole.status | text) as $state
  | ($rule.level | if type == "array" then max else . end) as $level
  | pick($agent.name) as $host
  | (if $state == "Solved" or $state == "solved" then "resolved" else "firing" end) as $status
  | {
      title: pick($rule.description),
      detection_id: ($rule.id | texts),
      rule_version: null,
      severity: (if .word then .word | word else $level | severity end),
      raw_severity: pick(.word, $level),
      occurred_at: ([.timestamp, .["@timestamp"], ($document | obj | .timestamp) | if type == "array" then .[0] else . end
                     | select(type == "number" or (type == "string" and . != ""))][0]),
      status: $status,
      entities: ([
          ($host | entity("host"; "target.host")),
          # A device that sends its log here is known by the name it gives itself.
          ($before.hostname | text | select(. != $host) | entity("host"; "related.host")),
          ($agent.ip | text | select(. != "any") | entity("ip"; "related.ip")),
          $read[].entities[]
        ] | if $provenance == "text" then map(.provenance = "text") else . end
        | . + if $subject == [] then [$alert.full_log | told] else [] end),
      facets: [($host | facet("host"; "environment")), $read[].facets[]],
      attack: ([$rule.mitre | obj | .id | if type == "array" then .[] else . end | text | values] | unique),
      occurrence_id: (pick(.id, ($document | obj | ._id)) | if . and $status == "resolved" then . + "/resolved" else . end),
      # Each alert is one event, so an address counts. Where the decoder took no subject out of the log, the log is it, but for its time.
      about: ([($agent.id | texts), $host, ($before.hostname | text)]
        + if $subject != [] then $subject
          elif .full_log | text then [.full_log | text | untimed($before.hostname | text)]
          elif $data != {} then [$data | tojson]
          else [.id // ($part | tojson) | text] end),
      # A vulnerability is found by one rule and told to be gone by another.
      problem: (if ($hole.cve | text) and $host then
          [($agent.id | text), $host, ($hole.cve | text), ($hole.package | obj | (.name, .version, .architecture) | text)]
          | map(. // "") | "vulnerability/" + join("/")
        else null end),
      owner_hints: [$agent.labels | obj | .owner, .team | text | values],
      links: [($hole.reference, ($data.virustotal | obj | .permalink) | if type == "array" then .[] else split(", ")?[] end | text)
        | values | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
