# AWS Security Hub: ASFF findings (alone, in EventBridge events, in GetFindings answers) and EventBridge events with OCSF findings
# ("Findings Imported V2"); each also through SNS, SQS or a Lambda's records.

# Of text that holds several JSON values some jqs make several: take one.
def json: [fromjson?][0];
def moment: if type == "number" then . else strings | text end;
def tail: split(":") | last // "" | split("/") | last // "";

# What a queue or a topic laid around an event.
def opened:
  obj | if .Sns | type == "object" then .Sns else . end
  | if .body | type == "string" then .body | json | obj else . end
  | if (.Message | type == "string") and (.Message | startswith("{")) then .Message | json | obj else . end;

def posts:
  if type == "array" then .[] | {part: ., event: opened}
  elif type == "object" and (.Records | type == "array") then . as $post | .Records[] | {part: ($post + {Records: [.]}), event: opened}
  else {part: ., event: opened} end;

# Each finding with its event, and the post with no other finding. An event may lack findings: an insight does, and a broken one.
def parts:
  posts | .part as $part | .event as $event | ($event.detail | obj) as $detail
  | if $detail.findings | list != [] then
      ($detail.findings | length == 1) as $alone
      | $detail.findings[]
      | {part: (if $alone then $part else $event + {detail: ($detail + {findings: [.]})} end), event: $event, finding: obj}
    elif ($event.Findings // $event.findings) | list != [] then
      (if $event.Findings then "Findings" else "findings" end) as $key
      | $event[$key][] | {part: ($event + {($key): [.]}), event: $event, finding: obj}
    else {part: $part, event: $event, finding: (if $event | has("detail") then {} else $event end)} end;

def is_event:
  (.["detail-type"] | text // "" | startswith("Security Hub ") or . == "Findings Imported V2")
  or .source == "aws.securityhub" and (.detail | obj | .findings | type == "array");
def is_asff:
  # Without one of these there are too few of the marks.
  has_any(["ProductArn", "Compliance", "ProductFields", "SchemaVersion", "AwsAccountId", "GeneratorId", "Resources", "Types"])
  and count(
    (.ProductArn | text // "" | split(":")[2] == "securityhub"), (.Id | text // "" | split(":")[2] == "securityhub"),
    (.Compliance | obj | .SecurityControlId | text), (.ProductFields | type == "object"), .SchemaVersion == "2018-10-08",
    (.AwsAccountId | text), (.GeneratorId | text), (.Resources | type == "array"), (.Types | type == "array"),
    (has("RecordState") or has("WorkflowState") or (.Workflow | type == "object")),
    (.FirstObservedAt // .LastObservedAt // .FindingProviderFields)
  ) >= 4;
def is_ocsf: has("class_uid") and (.metadata | type == "object");
# A bare OCSF finding is the OCSF source's; only in Security Hub's own envelopes is it read here.
def recognises:
  any(parts; (.event | is_event) or (.finding | is_asff)
             or ((.finding | is_ocsf and (.metadata.product | obj | .uid | text // "" | split(":")[2] == "securityhub"))
                 and .finding != .event));

def severity:
  {informational: "informational", low: "low", medium: "medium", high: "high", critical: "critical", fatal: "critical"}
    [text // "" | ascii_downcase];
# The documented bands of Severity.Normalized, for findings that have no label.
def banded:
  if type != "number" or . < 0 or . > 100 then null
  elif . < 1 then "informational" elif . < 40 then "low" elif . < 70 then "medium" elif . < 90 then "high" else "critical" end;

def proven: . + {handshake: true};
def ips($role): obj | first_text(.IpAddressV4, .IpAddressV6) | entity("ip"; $role);

# ASFF writes AwsEc2Instance, OCSF AWS::EC2::Instance. What is not here is known by its ARN.
def kinds:
  {
    awsec2instance: "instance", awss3bucket: "bucket", awss3object: "bucket", awsiamuser: "user", awsaccount: "account",
    awsiamaccesskey: "access_key", container: "container", awsecrcontainerimage: "container", awsec2vpc: "network",
    awsec2subnet: "network", awslambdafunction: "service", awsekscluster: "service", awsecscluster: "service",
    awsecsservice: "service", awsrdsdbinstance: "service", awsrdsdbcluster: "service", awsdynamodbtable: "service",
    awsredshiftcluster: "service", awselasticloadbalancingv2loadbalancer: "service", awselbv2loadbalancer: "service",
    awsautoscalingautoscalinggroup: "service", awscodebuildproject: "service", awssqsqueue: "service", awssnstopic: "service"
  };
def resource_entities:
  .id as $id | (.type // "" | ascii_downcase | split("::") | join("")) as $type | kinds[$type] as $kind
  | ($id | startswith("arn:")) as $is_arn
  | if $kind == "access_key" then ($id | tail | entity($kind; "actor.access_key")), (.principal | entity("user"; "actor.user"))
    elif $kind then
      (if $kind == "bucket" then $id | split(":") | last // "" | split("/")[0]
       elif $type == "awslambdafunction" then $id | split(":function:") | last // "" | split(":")[0]
       # An image's name is not unique, its digest is.
       elif $kind == "container" then first_text(.name, $id)
       else $id | tail end
       | entity($kind; "target.\($kind)")),
      (if $is_arn then $id | entity("arn"; "related.arn") else empty end)
    elif $is_arn then $id | entity("arn"; "target.arn")
    else $id | entity("service"; "target.service") end,
    (.ips | list[] | entity("ip"; "related.ip"));

# A plan needs one entity in a role: the first keeps its target role. What has a part already is not related besides.
def settled:
  reduce .[] as $one ({held: {}, all: []};
    if ($one.role | startswith("related.")) and .held[$one.value] == $one.kind then .
    elif ($one.role | startswith("target.")) and (.held[$one.role] // $one.value) != $one.value
    then .all += [$one + {role: "related.\($one.kind)"}]
    else .held[$one.role] = $one.value | .held[$one.value] = $one.kind | .all += [$one] end)
  | .all;

# The paths of both formats, as one form. `subject` are the resources that a problem is about.
def asff_resource:
  obj | (.Details | obj) as $details | ($details.AwsIamAccessKey | obj) as $key
  | {id: (.Id | text), type: (.Type | text), tags: (.Tags | obj), principal: first_text($key.PrincipalName, $key.UserName),
     name: ($details.Container | obj | .Name | text),
     ips: [$details.AwsEc2Instance | obj | .IpV4Addresses, .IpV6Addresses | list[]], region: (.Region | text)};

def indicator: {DOMAIN: "domain", EMAIL_ADDRESS: "email", IPV4_ADDRESS: "ip", IPV6_ADDRESS: "ip", PROCESS: "process", URL: "url",
                HASH_MD5: "hash", HASH_SHA1: "hash", HASH_SHA256: "hash", HASH_SHA512: "hash"}[text // ""];
# Older findings of GuardDuty have no Action, but its paths as keys of ProductFields.
def guardduty($path): .["aws/guardduty/service/action/\($path)"];
def asff_seen:
  (.Action | obj) as $action | (.Network | obj) as $network | ($action.AwsApiCallAction | obj) as $api
  | ($action.NetworkConnectionAction | obj) as $connection | (.ProductFields | obj) as $fields
  | (.Detection | obj | .Sequence | obj) as $sequence
  | ($api.RemoteIpDetails | ips("source.ip") | proven),
    ($api.DomainDetails | obj | .Domain | entity("service"; "actor.service")),
    ($connection | (if .ConnectionDirection == "INBOUND" then "source.ip" else "related.ip" end) as $role | .RemoteIpDetails
        | ips($role)),
    ($action.PortProbeAction | obj | .PortProbeDetails | list[] | obj | .RemoteIpDetails | ips("source.ip")),
    ($action.DnsRequestAction | obj | .Domain | entity("domain"; "related.domain")),
    ($fields | (guardduty("awsApiCallAction/remoteIpDetails/ipAddressV4") | entity("ip"; "source.ip") | proven),
               (guardduty("networkConnectionAction/connectionDirection") == "INBOUND") as $in
               | (guardduty("networkConnectionAction/remoteIpDetails/ipAddressV4")
                   | entity("ip"; if $in then "source.ip" else "related.ip" end)),
                 (guardduty("dnsRequestAction/domain") | entity("domain"; "related.domain"))),
    ($network | (if .Direction == "OUT" then "related" else "source" end) as $side
      | (.SourceIpV4, .SourceIpV6 | entity("ip"; "\($side).ip")), (.SourceDomain | entity("domain"; "\($side).domain")),
        (.DestinationIpV4, .DestinationIpV6 | entity("ip"; "related.ip")), (.DestinationDomain | entity("domain"; "related.domain"))),
    (.Process | obj | first_text(.Path, .Name) | entity("process"; "related.process")),
    (.Malware | list[] | obj | .Path | entity("file"; "related.file")),
    (.Threats | list[] | obj | .FilePaths | list[] | obj
      | (first_text(.FilePath, .FileName) | entity("file"; "related.file")), (.Hash | entity("hash"; "related.hash"))),
    (.ThreatIntelIndicators | list[] | obj | (.Type | indicator) as $kind | select($kind) | .Value | entity($kind; "related.\($kind)")),
    ($sequence.Actors | list[] | obj | .User | obj | .Name | entity("user"; "actor.user")),
    ($sequence.Endpoints | list[] | obj | (.Ip | entity("ip"; "source.ip")), (.Domain | entity("domain"; "related.domain")));

# Of some products the generator is the whole product: their rule is the type, or the vulnerability.
def rule:
  (.GeneratorId | text) as $generator
  | if $generator and ($generator | . != "AWSInspector" and (startswith("aws/") or contains(":detector/") | not)) then $generator
    else first_text((.Vulnerabilities | list[0] | obj | .Id), (.Types | list[0]), (.Compliance | obj | .SecurityControlId),
              (.ProductFields | obj | .ControlId, .RuleId), $generator, .Title) end;

def asff:
  (.Severity | obj) as $severity | (.FindingProviderFields | obj | .Severity | obj) as $given | (.Action | obj) as $action
  | ([.Resources | list[0:50][] | asff_resource | select(.id)]) as $resources
  | (.Compliance | obj | .Status) as $compliance
  | {
      title: (.Title | text), rule: rule, id: (.Id | text), account: (.AwsAccountId | text),
      region: first_text(.Region, $resources[0].region), resources: $resources, seen: [asff_seen],
      severity: (first_text($severity.Label, $given.Label) | severity // ($severity.Normalized | banded)),
      raw: first_text($severity.Label, $given.Label, $severity.Normalized, $severity.Original, $given.Original, $severity.Product),
      time: (first(.LastObservedAt, .UpdatedAt, .CreatedAt, .FirstObservedAt | moment | values) // null),
      updated: first_text(.UpdatedAt, .LastObservedAt),
      ended: ($compliance == "PASSED" or (.Workflow | obj | .Status == "RESOLVED") or .WorkflowState == "RESOLVED"),
      techniques: [(.Detection | obj | .Sequence | obj | .SequenceIndicators) | list[] | obj | select(.Key == "ATTACK_TECHNIQUE")
          | .Values | list[]],
      links: [.SourceUrl, (.Remediation | obj | .Recommendation | obj | .Url)],
      facets: (if $action.ActionType == "AWS_API_CALL" then [{key: "api", value: ($action.AwsApiCallAction | obj | .Api),
          set_by: "actor"}]
               elif $action.ActionType == "DNS_REQUEST" then [{key: "domain", value: ($action.DnsRequestAction | obj | .Domain),
                   set_by: "actor"}]
               else [] end)
    };

def ocsf:
  (.finding_info | obj) as $info | (.cloud | obj) as $cloud | (.metadata | obj) as $metadata
  | ($info.analytic | obj) as $analytic
  | ([.resources | list[0:50][] | obj
      | {id: first_text(.uid, .name), type: (.type | text), region: (.region | text),
         tags: ([.tags | list[] | obj | {key: (.name | text // ""), value}] | from_entries)} | select(.id)]) as $resources
  | {
      title: first_text($info.title, .message), id: first_text($info.uid, $metadata.uid), account: first_text($cloud.account | obj | .uid),
      rule: first_text($analytic.uid, $analytic.name, (.compliance | obj | .control), (.vulnerabilities | list[0] | obj | .cve | obj | .uid),
                 ($info.types | list[0]), $metadata.event_code, $info.title),
      region: first_text($cloud.region, $resources[0].region), resources: $resources,
      seen: [(.evidences | list[] | obj
               | (.src_endpoint | obj | .ip | entity("ip"; "source.ip")), (.dst_endpoint | obj | .ip | entity("ip"; "related.ip")),
                 (.actor | obj | .user | obj | first_text(.name, .uid) | entity("user"; "actor.user")),
                 (.query | obj | .hostname | entity("domain"; "related.domain")),
                 (.process | obj | first_text(.path, .name) | entity("process"; "related.process")),
                 (.file | obj | (first_text(.path, .name) | entity("file"; "related.file")),
                                (.hashes | list[] | obj | .value | entity("hash"; "related.hash")))),
             (.actor | obj | .user | obj | first_text(.name, .uid) | entity("user"; "actor.user"))],
      severity: ({"1": "informational", "2": "low", "3": "medium", "4": "high", "5": "critical", "6": "critical"}
                   [.severity_id | text // ""] // (.severity | severity)),
      raw: first_text(.severity, .severity_id), time: (first(.time, .time_dt | moment | values) // null),
      updated: first_text($info.modified_time, $info.modified_time_dt, .time, .time_dt),
      ended: (.status_id == 4 or .status == "Resolved" or (.compliance | obj | .status_id == 1 or .status == "Pass")),
      techniques: [$info.attacks | list[] | obj | (.technique, .sub_technique) | obj | .uid],
      links: [$info.src_url, (.remediation | obj | .references | list[])],
      facets: []
    };

def alert:
  .part as $part | .event as $event | ($event.detail | obj) as $detail | .finding
  | (if is_ocsf then ocsf else asff end)
  | first_text(.account, $event.account) as $account | first_text(.region, $event.region) as $region
  | ([.resources[] | resource_entities] + .seen | settled) as $found
  | (if .ended then "resolved" else "firing" end) as $status
  # Access keys come and go within one problem; who holds them stays.
  | ([(.resources[] | (if .id | contains("AccessKey:") then .principal else .id end) | values),
      ($found[] | select(.role == "actor.user") | .value)] | unique) as $subject
  | first_text(.rule, $detail.insightArn) as $rule
  | {
      title: first_text(.title, $detail.insightName, $rule),
      detection_id: $rule,
      rule_version: null,
      severity: .severity,
      raw_severity: .raw,
      occurred_at: (first(.time // ($event.time | moment)) // null),
      status: $status,
      entities: ($found + if any($found[]; .kind == "account" and .value == $account) then []
                          else [$account | entity("account"; if any($found[]; .role | startswith("target.")) then "related.account"
                                                             else "target.account" end)] end),
      facets: ([{key: "account", value: $account, set_by: "environment"}, {key: "region", value: $region, set_by: "environment"},
                {key: "resource", value: (.resources[0] | obj | if .principal then .principal else .id end),
                    set_by: "environment"}] + .facets),
      attack: [.techniques[] | text // "" | split(" ")[0] // "" | select(startswith("T") and (startswith("TA") | not))],
      # The id stays while a finding is updated. Without one, EventBridge's own id names the delivery.
      occurrence_id: (if .id then [.id, .updated, (if .ended then "resolved" else null end)] | map(values) | join("/")
                      else first_text($event | select(is_event) | .id) end),
      about: ([$account, $region] + if $subject != [] then $subject else [first_text(.id, $detail.insightArn) // ($part | tojson)] end),
      owner_hints: ([.resources[] | .tags | first_text(.owner, .Owner), first_text(.team, .Team) | values] | unique),
      links: [.links[] | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def is_handshake: obj | if .Sns | type == "object" then .Sns else . end
  | (.TopicArn | type == "string") and (.Type == "SubscriptionConfirmation" or .Type == "UnsubscribeConfirmation");
def alerts:
  if is_handshake then {control: (if .Type == "SubscriptionConfirmation" then "subscription_confirmation"
      else "unsubscribe_confirmation" end)}
  else parts | alert end;
