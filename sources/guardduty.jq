# Amazon GuardDuty findings: EventBridge events (bare or through SNS), exported findings, GetFindings answers, and arrays of them.

# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];
def json: [fromjson?][0];

# dig("service.action") is null wherever the payload has something else than objects on the way.
def at($path): dig($path) | text;

# EventBridge and exports write camelCase keys, the API's clients PascalCase: those are written the first way, as deep as we read.
def lower: .[0:1] as $first | ($first | ascii_downcase) as $lower | if $first == $lower then . else $lower + .[1:] end;
def level(f):
  if type == "object" then with_entries({key: (.key | lower), value: (.value | f)})
  elif type == "array" then map(f)
  else . end;
def camel_case:
  if has("Id") or has("Type") or has("Arn") or has("AccountId") or has("Service") or has("Resource") or has("Severity")
     or has("UpdatedAt") or has("Region")
  then level(level(level(level(level(level(level(level(.)))))))) else . end;

# The envelopes that may lie around a finding. Each part of a post keeps what the post shares, for the payload.
def sns: obj | (.Type | type == "string") and (.TopicArn | type == "string");
def body: if sns and (.Message | type == "string") then .Message | json else . end;
def is_event: obj | .source == "aws.guardduty" and (.["detail-type"] | text // "" | startswith("GuardDuty Finding"));
def finding: if is_event then .detail else . end | obj;
def answer: obj | .findings // .Findings | type == "array";
def parts:
  if type == "array" then .[]
  elif answer then
    . as $post | (if has("findings") then "findings" else "Findings" end) as $key | $post[$key][] | $post + {($key): [.]}
  else . end;
def opened: if answer then (.findings // .Findings)[0] else body end;

# Either spelling of a key, where rewriting the whole finding would only slow down the look at it.
def either($key): obj | if has($key) then .[$key] else .[($key[0:1] | ascii_upcase) + $key[1:]] end;
def is_finding:
  either("service") as $service
  | count(
    (either("arn") | text // "" | split(":")[2] == "guardduty"),
    ($service | either("serviceName") | text == "guardduty"),
    ($service | either("detectorId") | text != null)
  ) >= 1
  and count(
    (either("type") | text // "" | split(":") | length == 2 and (.[1] | split("/") | length == 2)),
    (either("accountId") | text != null),
    (either("region") | text != null),
    (either("resource") | either("resourceType") | text != null),
    (either("updatedAt") | text != null),
    (either("severity") | type == "number")
  ) >= 3;

# Most payloads of others are told by a glance.
def glance: obj | has("arn") or has("service") or has("Arn") or has("Service");
def recognises: [parts | opened | is_event or (glance and (finding | is_finding))] | any;

# The bands of the AWS documentation. A value outside of them is no severity.
def severity:
  dig("severity") | if type == "string" then number else . end
  | if type != "number" then null
    elif . >= 9 and . <= 10 then "critical"
    elif . >= 7 and . < 9 then "high"
    elif . >= 4 and . < 7 then "medium"
    elif . >= 1 and . < 4 then "low"
    else null end;

# Our own mapping from finding types to ATT&CK; all that a type starts with apply.
def techniques_of_types:
  {
    "UnauthorizedAccess:EC2/SSHBruteForce": "T1110", "UnauthorizedAccess:EC2/RDPBruteForce": "T1110",
    "UnauthorizedAccess:EC2/Tor": "T1090.003", "UnauthorizedAccess:IAMUser/": "T1078.004",
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration": "T1552.005",
    "InitialAccess:IAMUser/": "T1078.004", "Recon:EC2/PortProbe": "T1595", "Recon:EC2/Portscan": "T1046",
    "Recon:IAMUser/": "T1526", "Discovery:IAMUser/": "T1526", "Discovery:S3/": "T1619",
    "Persistence:IAMUser/": "T1098", "PrivilegeEscalation:IAMUser/": "T1098",
    "Stealth:IAMUser/CloudTrailLoggingDisabled": "T1562.008", "Stealth:S3/ServerAccessLoggingDisabled": "T1562.008",
    "Exfiltration:S3/": "T1530", "Impact:S3/": "T1485",
    "CryptoCurrency:": "T1496", "Backdoor:EC2/C&CActivity": "T1071", "Backdoor:EC2/DenialOfService": "T1498",
    "Trojan:EC2/DNSDataExfiltration": "T1048"
  };

# An attack sequence names its techniques itself, as "T1078.004" or "T1078.004 - Valid Accounts"; what older exports keep of it is told
# in its description.
def told($before): at("description") // "" | split($before) | if length > 1 then .[1] | split("\n")[0] else "" end;
def attack:
  (at("type") // "") as $type
  | [ (techniques_of_types | to_entries[] | .key as $prefix | select($type | startswith($prefix)) | .value),
      (dig("service.detection.sequence.sequenceIndicators") | list[] | select(at("key") == "ATTACK_TECHNIQUE")
        | dig("values") | list[] | text // "" | split(" ")[0] // "" | select(startswith("T"))),
      (select($type | startswith("AttackSequence")) | told("ATT&CK techniques observed: ") | split(", ")[] | split(" ")[0] // ""
        | select(startswith("T") and (.[1:2] | number) != null)) ]
  | unique;

def action: dig("service.action") | obj;
def network: action | dig("networkConnectionAction") | obj;
def probes: action | dig("portProbeAction.portProbeDetails") | list;
def key_details: dig("resource.accessKeyDetails") | obj;
def cluster_user: at("resource.kubernetesDetails.kubernetesUserDetails.username");
def principal: first_text((key_details | at("userName"), at("principalId")), cluster_user);
def buckets: [dig("resource.s3BucketDetails") | list[] | at("name") | select(.)] | unique;

# Found in additionalInfo as an object, or there as JSON in a string.
def user_agent:
  dig("service.additionalInfo") as $more
  | [$more, ($more | obj | at("value") // "" | json)] as $places
  | first_text((action | at("awsApiCallAction.userAgent")), ($places[] | at("userAgent.fullUserAgent"), at("userAgent")));

def entity($kind; $role): {kind: $kind, value: ., role: $role, provenance: "field"};
def proven($yes): . + if $yes then {handshake: true} else {} end;

# What the finding is about. An instance is the target of our response whichever side began; in findings about credentials
# or buckets it is only where they were used.
def targets:
  (at("resource.resourceType") // "") as $resource
  | (at("resource.instanceDetails.instanceId") | select(.)
      | entity("instance"; if $resource == "Instance" or $resource == "" then "target.instance" else "related.instance" end)),
    (buckets[] | entity("bucket"; "target.bucket")),
    (first_text(dig("resource.containerDetails") | at("name"), at("id")) | select(.) | entity("container"; "target.container")),
    (at("resource.eksClusterDetails.name"), at("resource.ecsClusterDetails.name"), at("resource.lambdaDetails.functionName")
      | select(.) | entity("service"; "target.service")),
    (first_text(dig("resource.rdsDbInstanceDetails"), dig("resource.rdsLimitlessDbDetails")
        | at("dbInstanceIdentifier"), at("dbShardGroupIdentifier"))
      | select(.) | entity("service"; "target.service"));

def actors:
  ((key_details | at("userName")), cluster_user, at("resource.rdsDbUserDetails.user"),
    (dig("service.detection.sequence.actors") | list[] | at("user.name"))
    | select(.) | entity("user"; "actor.user")),
  (key_details | at("accessKeyId") | select(.) | entity("access_key"; "actor.access_key")),
  # An AWS service that called for someone.
  (action | at("awsApiCallAction.domainDetails.domain") | select(.) | entity("service"; "actor.service"));

# An AWS API answers only over TLS, and a guessed SSH or RDP password needs a session: their addresses are no forgeries.
# A port probe, a refused connection and a bare packet prove nothing.
def brute_force:
  at("type") // "" | split("/")[1] // "" | startswith("SSHBruteForce") or startswith("RDPBruteForce");
def addresses:
  def ip: dig("remoteIpDetails") | first_text(at("ipAddressV4"), at("ipAddressV6")) | select(.);
  brute_force as $session
  | (action | dig("awsApiCallAction") | ip | entity("ip"; "source.ip") | proven(true)),
    (network | ($session and at("protocol") == "TCP" and dig("blocked") == false) as $established
      | (if at("connectionDirection") == "INBOUND" then "source.ip" else "related.ip" end) as $role
      | ip | entity("ip"; $role) | proven($established)),
    ([probes[] | ip] | unique[] | entity("ip"; "source.ip")),
    (action | dig("kubernetesApiCallAction"), dig("rdsLoginAttemptAction") | ip | entity("ip"; "source.ip")),
    # Where no remote address is told, the first that the request came through is the caller's.
    (action | dig("kubernetesApiCallAction") | obj | select(.remoteIpDetails == null) | (.sourceIPs // .sourceIps) | list[0] | text | values
      | entity("ip"; "source.ip")),
    (action | at("dnsRequestAction.domain") | select(.) | entity("domain"; "related.domain"));

# What a scan or the agent on a machine found, what a call changed, and the addresses of the machine itself.
def circumstances:
  (dig("service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames") | list[0:20][] | dig("filePaths") | list[0:20][]
    | (at("hash") | select(. and utf8bytelength == 64) | entity("hash"; "related.hash")), (at("filePath") | values | entity("file"; "related.file"))),
  (dig("service.runtimeDetails.process")
    | (first_text(at("executablePath"), at("name")) | values | entity("process"; "related.process")),
      (at("executableSha256") | values | entity("hash"; "related.hash"))),
  (action | (dig("kubernetesApiCallAction") | obj | (.sourceIPs // .sourceIps) | list[0:20][] | text | values | entity("ip"; "related.ip")),
            (dig("awsApiCallAction.affectedResources") | obj[] | text // "" | select(startswith("arn:")) | entity("arn"; "related.arn"))),
  (dig("resource.instanceDetails.networkInterfaces") | list[0:4][] | at("publicIp"), at("privateIpAddress") | values
    | entity("ip"; "related.ip")),
  (select(at("type") // "" | startswith("AttackSequence")) | told(" for IAMUser/") | split(" ")[0] // "" | text | values
    | entity("user"; "actor.user") | .provenance = "text");

# The account is the target only where the finding names nothing nearer.
def entities($account):
  # Each once: two places may name the same user.
  reduce (actors, addresses, targets, circumstances) as $entity ([]; if map(. == $entity) | any then . else . + [$entity] end)
  | . as $found | . + [$account | select(.)
      | entity("account"; if $found | map(.role | startswith("target.")) | any then "related.account" else "target.account" end)];

def facet($key; $set_by): {key: $key, value: ., set_by: $set_by};

# Declared by the finding type, so that a field which the payload lacks shows as null. A DNS finding has no port and no
# direction, a port probe always comes from outside: they declare neither.
def facets($account; $region; $entities):
  (at("type") // "") as $type
  | ($type | split(":")[1] // "" | split("/")[0] // "") as $resource
  | [ ($account | facet("account"; "environment")),
      ($region | facet("region"; "environment")),
      if $resource == "EC2" then
        (at("resource.instanceDetails.instanceId") | facet("instance"; "environment")),
        if $type | endswith("!DNS") then action | at("dnsRequestAction.domain") | facet("domain"; "actor")
        else
          ([(network, probes[] | at("localPortDetails.port")) | select(.)] | unique | join(",") | text
            | facet("local_port"; "environment")),
          if $type | startswith("Recon:EC2/PortProbe") then empty
          else network | at("connectionDirection") | facet("direction"; "environment") end
        end
      elif $resource == "IAMUser" then
        (key_details | at("userName") | facet("principal"; "environment")),
        (action | at("awsApiCallAction.api") | facet("api"; "actor")),
        (user_agent | facet("user_agent"; "actor"))
      elif $resource == "S3" then
        (buckets[0] | facet("bucket"; "environment")),
        (action | at("awsApiCallAction.api") | facet("api"; "actor"))
      else
        # Kubernetes, runtime, database, function and sequence findings: the thing itself.
        ([$entities[] | select(.role | startswith("target.") and . != "target.account") | .value][0]
          | facet("resource"; "environment"))
      end ];

# The fingerprint is the place and what was touched there or who acted. Left out: the finding's id, because a finding that
# someone archived fires again under a new one; remote addresses, access keys and ports, because GuardDuty adds them to the same
# finding and a new entity has the case decided again anyway. An attack sequence is also about everyone who acted in it: a
# colleague's on the same target is another attack. Where a finding names no subject its id is all there is.
def about($account; $region; $entities; $part):
  ([$entities[] | select(.role | startswith("target.") and . != "target.account") | "\(.role)=\(.value)"]
    + (if at("type") // "" | startswith("AttackSequence") then [$entities[] | select(.role == "actor.user") | "principal=\(.value)"]
       else [] end)
    + [principal // (key_details | at("accessKeyId")) | select(.) | "principal=\(.)"] | unique) as $subject
  | [$account, $region] + if $subject != [] then $subject else [at("id") // ($part | tojson)] end;

def alert:
  . as $part | opened | obj as $event | finding | camel_case
  | first_text(at("accountId"), ($event | select(is_event) | .account)) as $account
  | first_text(at("region"), ($event | select(is_event) | .region)) as $region
  | entities($account) as $entities
  | {
      title: at("title"),
      detection_id: at("type"),
      rule_version: null,
      severity: severity,
      raw_severity: at("severity"),
      occurred_at: ([dig("service.eventLastSeen"), dig("updatedAt"), dig("createdAt"), ($event | select(is_event) | .time)
                     | select(type == "number" or (type == "string" and . != ""))][0]),
      # An archived finding is one that someone put away, not one that ended: there are no resolves.
      status: "firing",
      entities: $entities,
      facets: facets($account; $region; $entities),
      attack: attack,
      # The id stays while a finding is updated. Without one, EventBridge's own id names the delivery.
      occurrence_id: (if at("id") and at("updatedAt") then "\(at("id"))/\(at("updatedAt"))"
                      else first_text($event | select(is_event) | .id) end),
      about: about($account; $region; $entities; $part),
      owner_hints: ([dig("resource.instanceDetails.tags"), dig("resource.eksClusterDetails.tags"),
                     (dig("resource.s3BucketDetails") | list[] | dig("tags"))
                     | list[] | select(at("key") // "" | ascii_downcase | . == "owner" or . == "team") | at("value") | select(.)]
                    | unique),
      links: [],
      payload: $part
    };

def alerts:
  if sns and .Type == "SubscriptionConfirmation" then {control: "subscription_confirmation"}
  else parts | alert end;
