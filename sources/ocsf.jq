# Findings in the Open Cybersecurity Schema Framework: classes 2001 to 2008, versions 1.0 to 1.6, one or an array of them.
# Security Hub's own envelopes around them are another source's.

def json: [fromjson?][0];
def moment: if type == "number" then . else strings | text end;
def tail: split(":") | last // "" | split("/") | last // "";

# The class has names of its own in each version; its number, the type's number and the category go together.
def is_finding:
  obj | (.class_uid | text // "" | startswith("200") and length == 4) as $class
  | (.type_uid | text // "" | startswith("200") and length == 6) as $type
  | ($class or $type or .category_name == "Findings")
    and count(
      $class, $type, (.category_uid | text == "2"), (.class_name | text // "" | contains("Finding")),
      (.metadata | obj | .product | type == "object"), (.finding_info // .finding // .finding_info_list),
      (.activity_id | text), (.severity_id | text)
    ) >= 4;
def recognises: if type == "array" then any(.[]; is_finding) else is_finding end;

def severity:
  {"1": "informational", "2": "low", "3": "medium", "4": "high", "5": "critical", "6": "critical",
   informational: "informational", low: "low", medium: "medium", high: "high", critical: "critical", fatal: "critical"}
    [text // "" | ascii_downcase | trim];
# A risk level counts from 0 and is asked only where there is no severity.
def risk: {"0": "informational", "1": "low", "2": "medium", "3": "high", "4": "critical"}[text // ""];

def user($role): obj | first_text(.email_addr, .name, .uid) | entity("user"; $role);
def hashes: list[] | obj | .value | entity("hash"; "related.hash");
def file: obj | (first_text(.path, .name) | entity("file"; "related.file")), (.hashes | hashes);
def process:
  obj | (first_text(.path, (.file | obj | .path, .name), .name) | entity("process"; "related.process")),
        (.file | obj | .hashes | hashes), (.user | user("related.user"));
def processes: obj | process, (.parent_process | process);
def url: if type == "object" then first_text(.url_string, .text) else . end | entity("url"; "related.url");
def endpoint($side):
  obj | (first_text(.hostname, .name) | entity("host"; "\($side).host")), (.ip | entity("ip"; "\($side).ip")),
        (.domain | entity("domain"; "related.domain")), (.instance_uid | entity("instance"; "\($side).instance"));
def container: obj | first_text(.name, .uid) | entity("container"; "target.container");
def email: obj | (.from | entity("email"; "source.email")), (.to | list[], strings | entity("email"; "target.email"));
def device: obj
  | (first_text(.hostname, .name) | entity("host"; "target.host")), (first_text(.instance_uid) | entity("instance"; "target.instance")),
    (.ip | entity("ip"; "related.ip")), (.container | container);

# What the vendor saw, in an evidence; in 2001 and in the older versions it stands in the finding itself.
def seen($cloud):
  obj | (.api | obj | .operation | text) as $call
  # An AWS API answers only over TLS: the caller's address is no forgery.
  | (.src_endpoint | if $call and $cloud == "AWS" then endpoint("source") | if .kind == "ip" then . + {handshake: true} else . end
                     else endpoint("source") end),
    ((.connection_info | obj | .direction_id == 1) as $inbound | .dst_endpoint | endpoint(if $inbound then "target" else "related" end)),
    (.actor | obj | (.user | user("actor.user")), (.process | processes), (.invoked_by | entity("service"; "actor.service"))),
    (.process | processes), (.file | file), (.url | url), (.email | email), (.device | device), (.container | container),
    (.query | obj | .hostname | entity("domain"; "related.domain")),
    (.user | user("target.user")),
    (.databucket | obj | .name | entity("bucket"; "target.bucket")), (.database | obj | .name | entity("service"; "target.service"));

# Types are AWS::EC2::Instance, AwsEc2Instance or other vendors' words.
def kind_of_resource:
  ascii_downcase | split("::") | join("") | split("_") | join("") as $type
  | {awsec2instance: "instance", awss3bucket: "bucket", awss3object: "bucket", awsiamuser: "user", awsaccount: "account",
     awsiamaccesskey: "access_key", bucket: "bucket", container: "container", awsecrcontainerimage: "container", host: "host",
     virtualmachine: "instance", instance: "instance", user: "user", account: "account"}[$type];
def is_ip: split(".") | length == 4 and all(.[]; [tonumber?][0] != null);
def resource:
  obj | first_text(.uid, .name) as $id | select($id) | (.type | text // "" | kind_of_resource) as $kind
  | (if $kind == "access_key" then $id | tail | entity($kind; "actor.access_key")
     elif $kind == "bucket" then $id | split(":") | last | split("/")[0] | entity($kind; "target.bucket")
     elif $kind == "container" or $kind == "host" then first_text(.name, $id) | entity($kind; "target.\($kind)")
     elif $kind then $id | tail | entity($kind; "target.\($kind)")
     elif $id | startswith("arn:") then $id | entity("arn"; "target.arn")
     elif $id | is_ip then $id | entity("ip"; "target.ip")
     else (first_text(.hostname) | entity("host"; "target.host")), (if .hostname then empty else $id
         | entity("service"; "target.service") end) end),
    (if $kind and ($id | startswith("arn:")) then $id | entity("arn"; "related.arn") else empty end),
    (.ip | entity("ip"; "related.ip")),
    # Security Hub's findings keep the principal in JSON.
    (if $kind == "access_key" then .data | if type == "string" then json else . end
       | obj | .AwsIamAccessKey | obj | first_text(.PrincipalName, .UserName) | entity("user"; "actor.user") else empty end);

# Observables repeat what stands elsewhere; of what stands nowhere else the name is the only hint of its part.
def observable:
  obj | {"1": "host", "2": "ip", "4": "user", "5": "email", "6": "url", "7": "file", "8": "hash", "9": "process", "10": "resource",
         "20": "host", "21": "user", "22": "email", "23": "url", "24": "file", "25": "process", "27": "container", "45": "file"}
    [.type_id | text // ""] as $kind
  | (.name | text // "" | ascii_downcase) as $name
  | if $kind == "resource" then .value | text // "" | select(startswith("arn:")) | entity("arn"; "related.arn")
    elif $kind == "ip" and ($name | startswith("source") or startswith("src") or contains("src_endpoint") or contains("attacker"))
    then .value | entity("ip"; "source.ip")
    elif $kind then .value | entity($kind; "related.\($kind)")
    else empty end;

# An observable only where nothing else has its value.
def with($observables):
  (map({(.value): true}) | add // {}) as $known | . + [$observables[] | select($known[.value] | not)];

def rule($info):
  ($info.analytic // .analytic | obj) as $analytic
  | first_text(
      $analytic.uid, ($analytic.relatedAnalytics, $analytic.related_analytics, $info.related_analytics | list[] | obj | .uid, .name),
      (.rule | obj | .uid, .name), $analytic.name, (.compliance | obj | .control),
      (.vulnerabilities | list[0] | obj | (.cve | obj | .uid), .title), (.metadata | obj | .event_code),
      ($info.types | list[0]), (.malware | list[0] | obj | .name), $info.title, .message);

def alert:
  . as $part | obj
  | ([.finding_info, .finding, (.finding_info_list | list[0]) | obj | select(. != {})][0] // {}) as $info
  | (.metadata | obj) as $metadata | ($metadata.product | obj) as $product | (.cloud | obj) as $cloud
  | ($cloud.account | obj | first_text(.uid, .name)) as $account | ($cloud.provider | text) as $provider
  | ([.resources | if type == "object" then . else list[0:50][] end | resource]) as $resources
  | [.observables | list[0:100][] | observable] as $observables
  | ([(.evidences | list[0:50][], objects | seen($provider)), seen($provider), $resources[],
      (.malware | list[] | obj | (.path | entity("file"; "related.file")), (.files | list[] | file)),
      (.affected_code | list[] | obj | .file | file)]
     | settled | with($observables)) as $found
  | (.activity_id == 3 or .status_id == 4 or .state_id == 4 or (.compliance | obj | .status_id == 1)) as $ended
  | (.status_id == 3 or .state_id == 3 or .status_id == 5) as $put_away
  | ($ended and ($put_away | not)) as $ended
  | ([$found[] | select(.kind != "access_key") | select((.role | startswith("target.")) or .role == "actor.user")
      | "\(.role)=\(.value)"] | unique) as $subject
  | ([.vulnerabilities | list[] | obj | .cve | obj | .uid | text | values] | unique) as $flaws
  | ([.malware | list[] | obj | .name | text | values] | unique) as $malware
  | first_text($info.uid, $metadata.uid) as $uid | .message as $message
  | {
      title: (first_text($info.title, .message) | if . then trim else null end),
      detection_id: (rule($info) | if . then trim else null end),
      rule_version: first_text($info.analytic // .analytic | obj | .version),
      severity: ((.severity_id | severity) // (.severity | severity)
                 // (if first_text(.severity_id, .severity) then null else .risk_level_id | risk end)),
      raw_severity: (first_text(.severity, .severity_id, .risk_level, .risk_level_id) | if . then trim else null end),
      occurred_at: (first(.time, .time_dt, $info.last_seen_time, $info.last_seen_time_dt, $metadata.original_time | moment
          | values) // null),
      status: (if $ended then "resolved" else "firing" end),
      entities: ($found + [$account | entity("account"; if any($found[]; .role | startswith("target.")) then "related.account"
          else "target.account" end)]),
      # The schema serves every product: what a finding does not have its product does not send.
      facets: ([{key: "product", value: ($product | first_text(.name, .uid)), set_by: "environment"},
                # A product that names no target has only its words to tell its findings apart.
                (first($found[] | select(.role | startswith("target.")) | .value) // $account
                  | if . then {key: "target", value: ., set_by: "environment"}
                    else {key: "title", value: (first_text($info.title, $message) | if . then trim else null end), set_by: "actor"} end)]
               + if $cloud != {} then [{key: "account", value: $account, set_by: "environment"},
                                       {key: "region", value: ($cloud.region | text), set_by: "environment"}] else [] end
               + [(first($found[] | select(.role == "actor.user")) | {key: "user", value: .value, set_by: "environment"}),
                  ($malware[0] | values | {key: "malware", value: ., set_by: "actor"}),
                  (first($found[] | select(.kind == "process")) | {key: "process", value: .value, set_by: "actor"}),
                  (first(.evidences | list[] | obj | .api | obj | .operation | text | values)
                      | {key: "api", value: ., set_by: "actor"})]),
      attack: [.attacks, $info.attacks | list[] | obj | .technique, .sub_technique, (.techniques | list[]) | obj | .uid
               | text // "" | select(startswith("T") and (startswith("TA") | not))],
      # A finding's id outlives its updates.
      occurrence_id: (first_text($info.modified_time, $info.modified_time_dt, .time, .time_dt, $info.last_seen_time) as $time
        | if $uid then [$uid, $time, (if $ended then "resolved" else null end)] | map(values) | join("/") else null end),
      # Where nothing of the target or the user is named the source address must stand for the subject.
      about: ([$product.name, $account, $cloud.region | text] + $flaws + $malware
              + if $subject != [] and any($found[]; .role == "actor.user"
                  or (.role | startswith("target.") and . != "target.service")) then $subject
                else ($subject + ([$found[] | select(.role | startswith("source.")) | .value] | unique)
                      | if . == [] then [$uid // ($part | tojson)] else [$info.title] + . end) end),
      owner_hints: [.resources | list[0:50][] | obj | .owner | if type == "object" then first_text(.name, .email_addr) else text end | values],
      links: [$info.src_url, .src_url, (.remediation | obj | .references, .kb_articles | list[]) | text // ""
              | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: if type == "array" then .[] | alert else alert end;
