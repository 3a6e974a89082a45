# CrowdStrike Falcon: events of Event Streams (detections of endpoints, identities and clouds, incidents, audit events), what its API
# answers with (alerts v2, the older detections, incidents; alone, in an array, or in `resources`), and replicated sensor events (FDR).

def number: [tonumber?][0];
# The platform writes N/A, or a hash of zeros, where it has none.
def said: text | if . == "N/A" or . == "-" or . == "0" or (. and startswith("00000000000000000000")) then null else . end;
def pick(f): first(f | said | values) // null;
# Lists stand in text with commas in some events.
def each: if type == "array" then .[0:50][] elif type == "string" then split(",")[0:50][] | trim else . end | said | values;

# Windows counts time from 1601, in tenths of microseconds, which reads as nanoseconds of the seventies: no time.
def moment_of(f):
  first(f | if type == "number" then select(. > 0) else strings | text end
          | values | select((if type == "number" then . else number end) // 0 | . < 100000000000000000 or . > 1000000000000000000)) // null;

def is_event:
  (.event | type == "object") and (.metadata | obj | count(
    (.customerIDString | text), (.eventType | text // "" | endswith("Event")), (.eventCreationTime | text), (.offset | text),
    (.version | text)) >= 3);
def is_alert: count(
    (.composite_id | text), (.cid | text), (.agent_id | text) // (.device | type == "object"), (.falcon_host_link | text),
    (.pattern_id | text), (.aggregate_id | text), (.display_name | text), (.severity_name | text), (.product | text),
    has("crawled_timestamp"), (.context_timestamp | text), (.tactic_id | text)) >= 5;
def is_detection: count(
    (.detection_id | text // "" | startswith("ldt:")), (.cid | text), (.behaviors | type == "array"), (.device | type == "object"),
    has("max_severity_displayname"), has("max_severity"), has("first_behavior"), has("max_confidence"), has("hostinfo")) >= 4;
def is_incident: count(
    (.incident_id | text // "" | startswith("inc:")), (.cid | text), (.host_ids | type == "array"), (.hosts | type == "array"),
    has("fine_score"), has("lm_host_ids"), has("lm_hosts_capped"), has("incident_type")) >= 4;
def is_raw: (.event | type == "object") and count(
    (.aid | text), (.cid | text), (.aip | text), (.event_simpleName // .fdr_event_type | text), (.event_platform | text), has("ConfigBuild"),
    has("ConfigStateHash"), (.event | .event_simpleName // .ExternalApiType | text)) >= 4;
def is_known:
  type == "object" and (is_event or ((has("cid") or has("composite_id")) and (is_raw or is_alert or is_detection or is_incident)));
def is_answer: type == "object" and (.resources | type == "array") and any(.resources[]; is_known);
def parts:
  if is_answer then . as $post | .resources[] | {part: ($post + {resources: [.]}), one: .}
  elif type == "array" then .[] | {part: ., one: .}
  else {part: ., one: .} end;
def recognises:
  type == "object" and (has("metadata") or has("cid") or has("composite_id") or has("resources")) and (is_known or is_answer);

def words: {informational: "informational", low: "low", medium: "medium", high: "high", critical: "critical"};
# CrowdStrike's two scales: one to five in the first detections, one to a hundred since.
def of_five: {"1": "informational", "2": "low", "3": "medium", "4": "high", "5": "critical"};
def of_hundred:
  if type == "string" then number else . end
  | if type != "number" or . < 1 or . > 100 then null
    elif . >= 80 then "critical" elif . >= 60 then "high" elif . >= 40 then "medium" elif . >= 20 then "low" else "informational" end;

def is_system: ascii_downcase | . == "system" or . == "local service" or . == "network service" or . == "localsystem" or endswith("$");
def entity($kind; $role): each | {kind: $kind, value: ., role: $role, provenance: "field"};
# A path and a command line may have commas.
def whole($kind; $role): said | values | {kind: $kind, value: ., role: $role, provenance: "field"};
def user($role): each | {kind: "user", value: ., role: (if is_system then "related.user" else $role end), provenance: "field"};
def facet($key; $set_by): {key: $key, value: said, set_by: $set_by};
# Some events have the name in the path, some beside it.
def joined($folder; $name):
  if $folder and $name and ($folder | ascii_downcase | endswith($name | ascii_downcase) | not) then
    ($folder | if contains("/") then "/" else "\\" end) as $slash | ($folder | rtrimstr($slash)) + $slash + $name
  else $folder // $name end;

# What an event, an alert, a detection or an incident says, in one form.
def audit:
  (reduce (.AuditKeyValues | list[0:100][] | obj) as $pair ({}; .[$pair.Key | text // ""] = ($pair.ValueString | text))) as $pairs
  | pick(.UserId, $pairs.actor_user) as $who
  | {
      title: pick(.OperationName), rule: pick(.OperationName),
      found: [($who | entity("user"; "actor.user")),
              # Its console and its API are spoken to over TLS only.
              (.UserIp | entity("ip"; "source.ip") | .handshake = true),
              # Policies and groups have a name there too.
              (pick($pairs.target_user, ($pairs.target_name | select(text // "" | contains("@")))) | entity("user"; "target.user")),
              (pick($pairs.hostname, $pairs.device_name, $pairs.target_hostname) | entity("host"; "target.host")),
              (.ServiceName | entity("service"; "related.service"))],
      facets: [($who | facet("actor"; "environment")), (.ServiceName | facet("service"; "environment")),
               (.Success | facet("success"; "environment")),
               (pick($pairs.target_name, $pairs.target_user) | values | facet("target"; "environment")),
               ($pairs.roles | values | facet("roles"; "actor")), ($pairs["scope(s)"] | values | facet("scopes"; "actor"))],
      strong: [$who, $pairs.target_name, $pairs.hostname],
      # What was done, all of it but the name of the request.
      weak: ([(.UserIp, .ServiceName, .Success | text)]
             + [$pairs | del(.trace_id) | to_entries[] | "\(.key)=\(.value)"]),
      time: moment_of(.UTCTimestamp)
    };
def endpoint:
  joined(.FilePath | said; .FileName | said) as $process
  | joined(pick(.ParentImageFilePath); pick(.ParentImageFileName)) as $parent
  | pick(.ComputerName, .Hostname, .HostName, .HostnameField) as $host
  | pick(.IOARuleName) as $own | pick(.TechniqueId, .Technique) as $technique
  | {
      title: pick(.DetectName, .Name, .Title, .RuleName, .DetectDescription, .Description),
        rule: pick(.PatternId, .DetectName, .Name, .RuleName),
      found: [($host | entity("host"; "target.host")), (.HostNames | entity("host"; "related.host")),
              (.UserName, .UserNames, .Usernames | user("actor.user")),
              (.LocalIP, .LocalIPv6, .ExternalIP, .IPv4Addresses | entity("ip"; "related.ip")),
              ($process, .ProcessPath, $parent | whole("process"; "related.process")),
              (.SHA256String, .SHA1String, .MD5String, .SHA256Hashes | entity("hash"; "related.hash")),
              (.NetworkAccesses | list[0:50][] | obj | .RemoteAddress | entity("ip"; "related.ip")),
              (.DnsRequests | list[0:50][] | obj | .DomainName | entity("domain"; "related.domain")),
              (.DomainNames | entity("domain"; "related.domain")), (.RemoteAddress | entity("ip"; "related.ip")),
              (.IOCType as $type | .IOCValue
                | if $type | text // "" | contains("domain") then entity("domain"; "related.domain")
                  elif $type | text // "" | contains("ip") then entity("ip"; "related.ip") else empty end),
              (.DocumentsAccessed, .FilesWritten | list[0:20][] | obj | joined(.FilePath | said; .FileName | said) | whole("file"; "related.file"))],
      facets: [($host | facet("host"; "environment")), (.UserName | facet("user"; "environment")),
               ($technique | values | facet("technique"; "environment")), ($own | values | facet("ioa_rule"; "environment")),
               (.PatternDispositionDescription | said | values | facet("disposition"; "environment")),
               ($process | facet("process"; "actor")), ($parent | values | facet("parent_process"; "actor"))],
      strong: [$host, (.AgentIdString, .AgentId, .SensorId, .HostNames, .UserNames | said),
               (if $host then null else (.LocalIP, .MACAddress | said) end)],
      weak: [$process, $parent, $technique, $own, (.DnsRequests | list[0] | obj | .DomainName | said),
             (.UserName, .MachineDomain, .LogonDomain, .CommandLine, .SHA256String, .IOCValue, .RemoteAddress, .Objective | said)],
      attack: [.TechniqueId, (.MitreAttack | list[] | obj | .TechniqueID, .TechniqueId)], score: .Severity,
      id: pick(.DetectId, .CompositeId, .DetectionId, .MobileDetectionId), link: pick(.FalconHostLink, .XdrLink),
      time: moment_of(.ContextTimeStamp)
    };
def identity:
  pick(.SourceEndpointHostName, .EndpointName) as $from | pick(.TargetEndpointHostName) as $to
  | pick(.SourceAccountUpn, .SourceAccountName, .UserName, .AccountName) as $who
  | {
      title: pick(.DetectName, .IncidentType, .Name, .DetectDescription, .IncidentDescription),
        rule: pick(.PatternId, .DetectName, .IncidentType, .Name),
      found: [($who | user("actor.user")), ($from | entity("host"; "source.host")), ($to | entity("host"; "target.host")),
              (.SourceEndpointIpAddress, .SourceEndpointIP, .EndpointIp | entity("ip"; "source.ip")),
              (pick(.TargetAccountUpn, .TargetAccountName) | entity("user"; "target.user")),
              (.TargetServiceAccessIdentifier, .TargetDomainControllerHostName | entity("service"; "related.service"))],
      facets: [($who | facet("user"; "environment")), ($from | facet("source_host"; "environment")),
               ($to | values | facet("target_host"; "environment")),
               (pick(.TargetAccountUpn, .TargetAccountName) | values | facet("target_user"; "environment"))],
      strong: [$who, $from, $to, (pick(.TargetAccountUpn, .TargetAccountName))],
      weak: [(.SourceAccountDomain, .SourceAccountObjectSid, .SourceEndpointIpAddress, .TargetServiceAccessIdentifier, .TechniqueId,
              .Objective | said)],
      attack: [.TechniqueId], score: .Severity, id: pick(.DetectId, .CompositeId, .IdentityProtectionIncidentId),
        link: pick(.FalconHostLink), ended: pick(.State),
      time: moment_of(.ContextTimeStamp, .StartTime, .EndTime)
    };
def cloud:
  {
    title: pick(.PolicyStatement, .EventName, .Name), rule: pick(.PolicyId, .EventName, .PolicyStatement),
    found: [(.AccountId | entity("account"; if [.ResourceId, .InstanceId | said] | any then "related.account" else "target.account" end)),
            (.InstanceId | entity("instance"; "target.instance")), (.ResourceId | whole("service"; "target.service")),
            (.UserName, .UserIdentity | strings | whole("user"; "actor.user")), (.SourceIPAddress, .UserSourceIp | entity("ip"; "source.ip"))],
    facets: [(.AccountId | facet("cloud_account"; "environment")), (.Region | facet("region"; "environment")),
             (.ResourceId | values | facet("resource"; "environment"))],
    strong: [(.AccountId, .ResourceId, .InstanceId | said)], weak: [(.Region, .UserName, .SourceIPAddress, .EventName, .EventAction | said)],
    attack: [.TechniqueId], score: .Severity, link: pick(.ReportUrl), time: moment_of(.EventCreatedTimestamp, .Timestamp, .ScanTime)
  };
# A remote session begins and ends under one id.
def session:
  pick(.HostnameField, .HostName, .ComputerName) as $host
  | {
      found: [($host | entity("host"; "target.host")), (.UserName | entity("user"; "actor.user"))],
      facets: [($host | facet("host"; "environment")), (.UserName | facet("user"; "environment"))],
      strong: [$host, (.UserName | said)], weak: [], id: pick(.SessionId),
      problem: (.SessionId | said | if . then "session=\(.)/\($host // "")" else null end), over: (moment_of(.EndTimestamp) != null),
      time: moment_of(.EndTimestamp, .StartTimestamp)
    };
def incident_event:
  {
    found: [(.UserId | entity("user"; "actor.user"))],
    facets: [], strong: [(.HostID, .UserId | said)], weak: [], id: pick(.IncidentID, .IncidentId), link: pick(.FalconHostLink), ended: pick(.State),
    raw: pick(.FineScore), problem: (pick(.IncidentID, .IncidentId) | if . then "incident=\(.)" else null end),
    time: moment_of(.IncidentEndTime, .IncidentStartTime)
  };
def event:
  (.metadata | obj) as $about | ($about.eventType | text // "") as $type | (.event | obj) as $event
  | ($event
     | if has("OperationName") and (has("AuditKeyValues") or has("ServiceName")) then audit
       elif $type | startswith("Idp") or startswith("IdentityProtection") then identity
       elif $type | startswith("RemoteResponse") then session
       elif $type | startswith("Incident") then incident_event
       elif $type | startswith("CSPM") or startswith("Cspm") or startswith("Cloud") then cloud
       else endpoint end)
  | . as $said
  | .title = (.title // ($type | text)) | .rule = (.rule // ($type | text)) | .account = ($about.customerIDString | text)
  | .word = ($event.SeverityName | text) | .five = ($type == "DetectionSummaryEvent")
  | .time = (.time // moment_of($about.eventCreationTime, $event.ProcessStartTime))
  # One detection is told of again when it grows; the stream counts what it tells.
  | .id = ([.id, ($about.eventCreationTime | text), (if .id then null else ($about.offset, $about.customerIDString | text) end)] | map(values)
           | if $said.id == null and length < 2 then null else join("/") end)
  | .kind = $type;

# An event of the sensor, as it is copied into a bucket: who ran what on which machine. Detections come that way too.
def raw_event:
  (.event | obj) as $event | (.aid | text) as $agent
  | (pick(.fdr_event_type, $event.ExternalApiType, .event_simpleName, $event.event_simpleName) // "" | ltrimstr("Event_")) as $type
  | pick($event.ComputerName, .ComputerName) as $host
  | ($event
     | if (.DetectName | text) or ($type | endswith("DetectionSummaryEvent")) then endpoint
       elif $type | startswith("RemoteResponse") then session
       else
         {
           found: [($host | entity("host"; "target.host")), (.UserName | user("actor.user")),
                   (.ImageFileName, .ParentBaseFileName | whole("process"; "related.process")),
                   (.TargetFileName | whole("file"; "related.file")), (.SHA256HashData, .MD5HashData | entity("hash"; "related.hash")),
                   (.RemoteAddressIP4, .RemoteAddressIP6 | entity("ip"; "related.ip")), (.DomainName | entity("domain"; "related.domain"))],
           facets: [(if $host then $host | facet("host"; "environment") else $agent | facet("agent"; "environment") end),
                    (pick(.UserName, .UserSid) | values | facet("user"; "environment")),
                    (.ImageFileName | values | facet("process"; "actor")), (.ParentBaseFileName | values | facet("parent_process"; "actor"))],
           strong: [$host],
           weak: ([.UserName, .UserSid, .ImageFileName, .ParentBaseFileName, .CommandLine, .TargetFileName, .SHA256HashData,
                   .RemoteAddressIP4, .DomainName | said])
         } end)
  | .title = (.title // ($type | text)) | .rule = (.rule // ($type | text)) | .strong += [$agent] | .kind = $type
  | .word = (.word // ($event.SeverityName | text)) | .five = ($type | endswith("DetectionSummaryEvent"));
def raw:
  . as $post | raw_event
  | .account = ($post.cid | text) | .id = (.id // pick($post.id, $post.event.id))
  | .time = (.time // moment_of($post.timestamp, $post.event.timestamp, $post.event.ProcessStartTime))
  | .found += [$post.aip | entity("ip"; "related.ip")];

def process_of: joined(.filepath | said; .filename | said);
def device: (.device | obj) as $device | pick($device.hostname, (.host_names | list[0]), .hostname);
def resource:
  device as $host | (.device | obj) as $device | (.parent_details | obj) as $parent
  | ([.behaviors | list[0:20][] | obj]) as $behaviours | ($behaviours[0] // {}) as $first
  | pick(.source_account_upn, .source_account_name) as $account | pick(.source_endpoint_host_name) as $from
  | pick(.target_endpoint_host_name) as $to | pick(.target_account_upn, .target_account_name) as $victim
  | pick(process_of, ($first | process_of)) as $process
  | joined(pick($parent.filepath); pick($parent.filename)) as $above
  | pick(.user_name, ([.user_names | list[] | text][0]), $first.user_name, (.user_principal)) as $user
  | pick(.technique_id, $first.technique_id, .technique, $first.technique) as $technique
  | pick(.cmdline, $first.cmdline) as $command
  | {
      title: pick(.display_name, .name, $first.display_name, $first.scenario, .description),
      rule: pick(.pattern_id, $first.behavior_id, .name, .display_name, $first.scenario),
      word: pick(.severity_name, .max_severity_displayname), score: (.severity // .max_severity), account: (.cid | text),
      time: moment_of(.context_timestamp, .timestamp, .last_behavior, .created_timestamp),
      id: ([pick(.composite_id, .id, .detection_id), pick(.updated_timestamp, .date_updated)] | if .[0] then map(values) | join("/") else null end),
      ended: pick(.status),
      found: [($host | entity("host"; "target.host")), (if $user != $account then $user | user("actor.user") else empty end),
              ($account | user("actor.user")), ($from | entity("host"; "source.host")),
              ($to | entity("host"; if $host then "related.host" else "target.host" end)), ($victim | entity("user"; "target.user")),
              (.source_endpoint_ip_address, .source_ip_address | entity("ip"; "source.ip")),
              ($device | .local_ip, .external_ip | entity("ip"; "related.ip")),
              ((process_of, ($behaviours[] | process_of), $above) | whole("process"; "related.process")),
              ((.sha256, .sha1, .md5, ($behaviours[] | .sha256, .md5)) | entity("hash"; "related.hash")),
              (.network_accesses, .dns_requests | list[0:50][] | obj
                | (.remote_address | entity("ip"; "related.ip")), (.domain_name | entity("domain"; "related.domain"))),
              (.cloud_account_id, .account_id | entity("account"; "related.account"))],
      facets: [(if $host == null and ($account // $from) then empty else $host | facet("host"; "environment") end),
               ($user // $account | facet("user"; "environment")),
               ($from | values | facet("source_host"; "environment")), ($to | values | facet("target_host"; "environment")),
               ($victim | values | facet("target_user"; "environment")), ($technique | values | facet("technique"; "environment")),
               (.product | said | values | facet("product"; "environment")),
               ($process | values | facet("process"; "actor")), ($above | values | facet("parent_process"; "actor"))],
      attack: [.technique_id, (.mitre_attack | list[] | obj | .technique_id), $behaviours[].technique_id],
      strong: [$host, ($device | .device_id | said), (.agent_id | said), $user, $account, $from, $to, $victim, (.cloud_account_id | said)],
      weak: ([$process, $above, $technique, $command, (.sha256 | said)] + ([$behaviours[1:][] | .behavior_id, .cmdline, .sha256 | said])),
      link: pick(.falcon_host_link)
    };
def incident:
  ([.hosts | list[0:50][] | obj | .hostname | said | values] | unique) as $hosts
  | {
      title: pick(.name, .description), rule: pick(.incident_type),
      word: null, raw: pick(.fine_score), account: (.cid | text), time: moment_of(.end, .start, .created),
      id: ([(.incident_id | text), pick(.modified_timestamp)] | if .[0] then map(values) | join("/") else null end),
      ended: (pick(.status) | if . == "40" then "closed" else . end),
      problem: (.incident_id | text | if . then "incident=\(.)" else null end),
      found: [($hosts[0] | entity("host"; "target.host")), ($hosts[1:][] | entity("host"; "related.host")),
              (.users | list[0:20][] | user("actor.user")),
              (.hosts | list[0:20][] | obj | .local_ip, .external_ip | entity("ip"; "related.ip"))],
      facets: [($hosts | join(",") | facet("hosts"; "environment")),
               (.users | list | map(text | values) | join(",") | facet("users"; "environment"))],
      attack: [.techniques | list[]], strong: $hosts, weak: []
    };

# Endings of the API's alerts, of the older detections, and of incidents.
def is_end: {closed: true, resolved: true, auto_resolved: true, false_positive: true, true_positive: true, ignored: true}[. // "" | ascii_downcase];

def alert:
  .part as $part | .one | obj
  | (if is_event then event elif is_raw then raw elif is_incident then incident else resource end)
  | (.strong | map(values)) as $strong
  | ((.over or (.ended | is_end)) == true) as $ended
  | (.found | settled) as $found
  | {
      title: .title,
      detection_id: .rule,
      rule_version: null,
      severity: (if .word then words[.word | ascii_downcase] else (if .five then of_five[.score | text // ""] else null end) // (.score | of_hundred) end),
      raw_severity: (.word // (.score | text) // .raw),
      occurred_at: .time,
      status: (if $ended then "resolved" else "firing" end),
      entities: ($found + [.account | entity("account"; "related.account")]),
      facets: ([.account | facet("customer"; "environment")] + .facets),
      attack: ([.attack // [] | .[] | text // "" | select(startswith("T") and (startswith("TA") | not) and (ltrimstr("T") | split(".")[0]
                | length == 4 and number != null))] | unique),
      occurrence_id: (if .id and $ended then "\(.id)/resolved" else .id end),
      problem: .problem,
      about: ([.account, .kind] + (.strong | map(text // "")) + (.weak | map(text // ""))
              + if $strong == [] then [.id // ($part | tojson)] else [] end),
      owner_hints: [],
      links: [.link | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
