# Microsoft's alerts: rows of Sentinel's SecurityAlert table and the alerts of its playbooks, Sentinel incidents (playbook, REST, SDK,
# SecurityIncident rows), Graph security alerts v2 and v1, Defender for Endpoint alerts; one, an array, or a `value` list of an API.

# Of text that holds several JSON values some jqs make several: take one.
def json: [fromjson?][0];
def moment_of(f): first(f | if type == "number" then . else strings | text end | values) // null;
# Tables keep objects and lists as JSON in text.
def inner: if type == "string" then json else . end;

def parts:
  if type == "array" then .[] | {part: ., alert: .}
  elif type == "object" and (.value | list | map(type == "object") | any) then . as $post | .value[]
    | {part: ($post + {value: [.]}), alert: .}
  # A playbook's incident.
  elif type == "object" and (.object | type == "object") then {part: ., alert: .object, post: .}
  else {part: ., alert: .} end;

def is_row: count(
    (.SystemAlertId | text), (.AlertSeverity // .Severity | text), (.AlertName // .AlertDisplayName // .DisplayName | text),
    (.ProviderName // .ProviderAlertId // .VendorOriginalId | text), has("CompromisedEntity"), has("AlertType"),
      has("ExtendedProperties"),
    (.StartTime // .StartTimeUtc | text), .VendorName == "Microsoft", .Type == "SecurityAlert") >= 5;
def is_incident:
  (.type | text // "" | ascii_downcase | startswith("microsoft.securityinsights/incidents"))
  or (.properties | obj | count((.incidentNumber | text), (.incidentUrl | text), has("relatedAnalyticRuleIds"),
      (.additionalData | type == "object")) >= 2)
  or count((.IncidentNumber | text), (.IncidentName | text), has("RelatedAnalyticRuleIds"), has("AlertIds"),
      .Type == "SecurityIncident") >= 3
  or count(has("incident_number"), has("incident_url"), has("related_analytic_rule_ids"), has("last_modified_time_utc")) >= 3;
def is_endpoint: count(
    has("machineId"), has("computerDnsName"), has("alertCreationTime"), has("firstEventTime"), has("investigationState"),
      has("detectionSource"),
    has("threatFamilyName"), has("aadTenantId"), has("lastEventTime")) >= 4;
def is_v1: count((.vendorInformation | obj | .provider // .vendor | text), has("azureTenantId"), has("eventDateTime"),
    has("userStates"), has("hostStates"), has("networkConnections"), has("sourceMaterials"),
            has("azureSubscriptionId"), has("activityGroupName"), has("detectionIds")) >= 4;
def is_v2: count(
    (.serviceSource | text), has("createdDateTime"), has("lastUpdateDateTime"), has("firstActivityDateTime"), has("alertWebUrl"),
    has("providerAlertId"), has("detectionSource"), (.evidence | type == "array"), has("tenantId"), has("mitreTechniques"),
    (.["@odata.type"] | text // "" | startswith("#microsoft.graph.security."))) >= 4;
# None of these has enough marks without one of these names.
def glance:
  has_any(["type", "properties", "SystemAlertId", "AlertSeverity", "Severity", "AlertName", "AlertDisplayName", "DisplayName",
           "CompromisedEntity", "AlertType", "ExtendedProperties", "IncidentNumber", "IncidentName", "RelatedAnalyticRuleIds",
           "incident_number", "incident_url", "machineId", "computerDnsName", "alertCreationTime", "firstEventTime", "investigationState",
           "threatFamilyName", "vendorInformation", "azureTenantId", "eventDateTime", "userStates", "hostStates", "sourceMaterials",
           "azureSubscriptionId", "serviceSource", "createdDateTime", "lastUpdateDateTime", "firstActivityDateTime", "alertWebUrl",
           "providerAlertId", "mitreTechniques", "tenantId"]);
def is_known: obj | glance and (is_row or is_incident or is_endpoint or is_v1 or is_v2);
def recognises: any(parts; .alert | is_known);

def severity:
  {informational: "informational", low: "low", medium: "medium", high: "high", critical: "critical"}[text // "" | ascii_downcase];

# Accounts that every Windows has are no one's.
def is_system: ascii_downcase | . == "system" or . == "local service" or . == "network service" or startswith("nt authority\\");
def account($role):
  obj | first_text(.UserPrincipalName, .userPrincipalName,
      (first_text(.Name, .AccountName, .accountName, .userName) as $name | first_text(.UPNSuffix, .upnSuffix) as $suffix
        | first_text(.NTDomain, .ntDomain, .DomainName, .domainName) as $domain
        | if $name and ($name | contains("@") | not) then
            if $suffix then "\($name)@\($suffix)" elif $domain then "\($domain)\\\($name)" else $name end
          else $name end), .FullName, .Sid, .sid, .AadUserId, .aadUserId) as $user
  | $user | entity("user"; if $user // "" | is_system then "related.user" else $role end);
def path: ((.Directory // .directory // .filePath // .path | text) as $folder | (.Name // .fileName // .name | text) as $name
  | if $folder and $name and ($folder | ascii_downcase | endswith($name | ascii_downcase) | not) then
      ($folder | if contains("/") then "/" else "\\" end) as $slash | ($folder | rtrimstr($slash)) + $slash + $name
    else $folder // $name end);
def hashes: obj
  | if has("FileHashes") then .FileHashes | list[] | obj | .Value
    else .sha256, .sha1, .md5, (.fileHash | obj | .hashValue) end
  | entity("hash"; "related.hash");
def file: obj | (path | entity("file"; "related.file")), hashes;
# An image is known by its path; where that is lost, by the first word of the command line.
def process($image): obj
  | (first_text(($image | obj | path), .processName, (.commandLine, .CommandLine, .processCommandLine | text // "" | ltrimstr("\"")
      | split("\"")[0] // "" | split(" ")[0]))
      | entity("process"; "related.process")), ($image | hashes);
def host: obj | (first_text(.FQDN, .deviceDnsName, .fqdn, .computerDnsName,
    (first_text(.HostName, .hostName, .NetBiosName, .netBiosName) as $name | first_text(.DnsDomain, .dnsDomain) as $domain
      | if $name and $domain then "\($name).\($domain)" else $name end)) | entity("host"; "target.host")),
  (.LastIpAddress, .LastExternalIpAddress, .lastIpAddress, .lastExternalIpAddress | entity("ip"; "related.ip"));
def azure: text | values | ascii_downcase as $low
  | if $low | contains("/virtualmachines/") then entity("instance"; "target.instance")
    elif $low | contains("/storageaccounts/") then entity("bucket"; "target.bucket")
    elif $low | startswith("/subscriptions/") and (contains("/providers/") | not) then split("/")[2]
      | entity("account"; "target.account")
    else entity("service"; "target.service") end;
def mail: obj | (.Recipient, .recipient, .recipientEmailAddress | entity("email"; "target.email")),
  (first_text(.P2Sender, .Sender, .P1Sender, .p2Sender, .sender, (.p2Sender, .p1Sender | obj | .emailAddress))
      | entity("email"; "source.email")),
  (.SenderIP, .senderIP, .senderIp | entity("ip"; "source.ip")), (.Urls, .urls | list[] | entity("url"; "related.url"));

# Entities of a row, or of an incident. What `$ref` points to stands elsewhere in the list, once.
def by_type($at; $ip_role):
  obj | (.kind // .Type // .type | text // "" | ascii_downcase | split("-") | join("")) as $kind
  | (if .properties | type == "object" then .properties else . end)
  | if $kind == "account" then account("actor.user")
    elif $kind == "host" then host
    elif $kind == "ip" then first_text(.Address, .address) | entity("ip"; $ip_role)
    elif $kind == "url" then first_text(.Url, .url) | entity("url"; "related.url")
    elif $kind == "file" then file
    elif $kind == "filehash" then first_text(.Value, .hashValue) | entity("hash"; "related.hash")
    elif $kind == "process" then
      (.ParentProcess | obj) as $parent
      | process(.ImageFile | obj | $at[.["$ref"] // ""] // .),
        (if $parent != {} then $parent | $at[.["$ref"] // ""] // . | process(.ImageFile | obj | $at[.["$ref"] // ""] // .)
            else empty end),
        (.Account | obj | $at[.["$ref"] // ""] // . | account("actor.user"))
    elif $kind == "dns" or $kind == "dnsresolution" then first_text(.DomainName, .domainName) | entity("domain"; "related.domain")
    elif $kind == "azureresource" then first_text(.ResourceId, .resourceId) | azure
    elif $kind == "mailbox" then first_text(.MailboxPrimaryAddress, .mailboxPrimaryAddress) | entity("email"; "target.email")
    elif $kind == "mailmessage" or $kind == "submissionmail" then mail
    elif $kind == "cloudapplication" then first_text(.AppName, .appName, .Name, .name) | entity("service"; "related.service")
    elif $kind == "amazonresource" then first_text(.AmazonResourceId, .amazonResourceId) | entity("arn"; "related.arn")
    elif $kind == "container" then first_text(.Name, .name, .ContainerId) | entity("container"; "target.container")
    elif $kind == "k8spod" or $kind == "pod" then first_text(.Name, .name) | entity("pod"; "target.pod")
    else empty end;
def typed($ip_role):
  [list[0:200][] | objects | select(has("$ref") | not)]
  | (reduce (.[] | objects | select(.ImageFile) | .ImageFile, (.ParentProcess | objects | ., .ImageFile) | objects
      | select(.["$id"])) as $one
      ({}; .[$one["$id"] | text // ""] = $one)) as $at
  | .[0:100][] | by_type($at; $ip_role);

# Evidence of Graph and of Defender is known by what it has: the type's key is renamed on the way by some collectors.
def evidence($ip_role):
  obj | (.roles | list | map(text // "" | ascii_downcase)) as $roles
  | (.userAccount | account("actor.user")), (if has("accountName") or has("userPrincipalName") then account("actor.user")
      else empty end),
    (if has("deviceDnsName") or has("hostName") or has("mdeDeviceId") then host else empty end),
    (.ipAddress | entity("ip"; if $roles == [] then $ip_role elif $roles | index("source") or index("attacker") then "source.ip"
        else "related.ip" end)),
    (if .imageFile | type == "object" then process(.imageFile)
     elif (.processCommandLine | text) and (.fileName | text) then process({path: path, sha1, sha256})
     else (.fileDetails // . | if has("fileName") or has("sha1") or has("sha256") then file else empty end) end),
    (.parentProcessImageFile | objects | . as $image | {} | process($image)),
    (if .parentProcessFileName | text then {filePath: .parentProcessFilePath, fileName: .parentProcessFileName} as $image | {}
        | process($image) else empty end),
    (.url | entity("url"; "related.url")), (if has("accountName") then empty else .domainName | entity("domain"; "related.domain") end),
    (.primaryAddress | entity("email"; "target.email")), mail,
    (.resourceId | azure), (.amazonResourceId | entity("arn"; "target.arn")),
    (if has("appId") then .displayName | entity("service"; "related.service") else empty end);

def techniques: (if type == "string" then split(",") else list end)[] | text // "" | split(" ")
  | first(.[] | select(. != "")) // "" | select(startswith("T") and (startswith("TA") | not));

# The shapes as one form. `known` says whether the detection is a rule's id; a name alone may serve several detections.
def row:
  (.ExtendedProperties | inner | obj) as $more | first_text(.AlertName, .AlertDisplayName, .DisplayName) as $name
  | ((.ProviderName // .ProductName | text // "" | . == "MDATP" or startswith("Microsoft Defender Advanced"))
      or .AlertType == "WindowsDefenderAtp") as $endpoint
  | {
      title: first_text(.DisplayName, $name), severity: first_text(.AlertSeverity, .Severity),
        id: first_text(.SystemAlertId, .VendorOriginalId, .ProviderAlertId),
      rule: first_text(($more["Analytic Rule Ids"] | inner | list[0]), $more.DetectorId,
          (.AlertType | text | values | select(. != "WindowsDefenderAtp" and . != "WindowsDefenderAv")), $name),
      name: (if $more["Analytic Rule Ids"] then null else $name end),
      time: moment_of(.EndTime, .EndTimeUtc, .StartTime, .StartTimeUtc, .TimeGenerated),
      updated: first_text(.TimeGenerated, .ProcessingEndTime, .EndTimeUtc), status: .Status,
      tenant: first_text(.TenantId, .WorkspaceId, .AadTenantId, .AzureResourceSubscriptionId),
        subscription: first_text(.WorkspaceSubscriptionId, .AzureResourceSubscriptionId),
      found: ([.Entities | inner | typed(if $endpoint then "related.ip" else "source.ip" end)]
              + [.ResourceId, .AzureResourceId | azure]),
      compromised: .CompromisedEntity, endpoint: $endpoint,
      attack: ([.Techniques, .SubTechniques | inner // . | techniques] + [$more.MitreTechniques | text // "" | split(";") | techniques]),
      links: [.AlertLink, .AlertUri, (.ExtendedLinks | inner | list[] | obj | .Href)]
    };
def endpoint:
  {
    title, severity, id: (.id | text), rule: first_text(.detectorId, .title), name: .title,
      time: moment_of(.lastEventTime, .firstEventTime, .alertCreationTime),
    updated: first_text(.lastUpdateTime, .alertCreationTime), status, tenant: (.aadTenantId | text),
    found: (.relatedUser as $user
      | [host, (.evidence | list[0:100][] | evidence("related.ip")), (.loggedOnUsers | list[] | account("related.user"))]
      # Evidence names the user in full, the alert without a domain of the directory.
      | if any(.[]; .role == "actor.user") then . else . + [$user | account("actor.user")] end),
    attack: [.mitreTechniques | techniques], links: []
  };
def v2:
  (.serviceSource // .detectionSource | text // "" | contains("ndpoint")) as $endpoint
  | {
      title, severity, id: (.id | text), rule: first_text(.detectorId, .alertPolicyId, .title), name: .title,
      time: moment_of(.lastActivityDateTime, .firstActivityDateTime, .createdDateTime),
        updated: first_text(.lastUpdateDateTime, .createdDateTime),
      status, tenant: (.tenantId | text), found: [.evidence | list[0:100][]
          | evidence(if $endpoint then "related.ip" else "source.ip" end)],
      attack: [.mitreTechniques | techniques], links: [.alertWebUrl]
    };
def v1:
  {
    title, severity, id: (.id | text), rule: (.title | text), name: null, time: moment_of(.eventDateTime, .createdDateTime),
    updated: first_text(.lastModifiedDateTime, .createdDateTime), status, tenant: (.azureTenantId | text),
      subscription: (.azureSubscriptionId | text),
    found: [(.userStates | list[] | account("actor.user"), (obj | .logonIp | entity("ip"; "source.ip"))),
            (.hostStates | list[] | host, (obj | .privateIpAddress, .publicIpAddress | entity("ip"; "related.ip"))),
            (.networkConnections | list[] | obj | (.sourceAddress | entity("ip"; "source.ip")),
                (.destinationAddress | entity("ip"; "related.ip")),
              (.destinationDomain | entity("domain"; "related.domain")), (.destinationUrl | entity("url"; "related.url"))),
            (.fileStates | list[] | file), (.processes | list[] | . as $process | process($process), account("actor.user")),
            (.cloudAppStates | list[] | obj | (.destinationServiceName | entity("service"; "related.service")),
                (.destinationServiceIp | entity("ip"; "related.ip")))],
    attack: [], links: [.sourceMaterials | list[]]
  };
def incident:
  (if .properties | type == "object" then . + .properties else . end)
  | [.alerts | list[] | obj | if .properties | type == "object" then .properties else . end] as $alerts
  | (.owner // .Owner | inner | obj) as $owner
  | {
      title: first_text(.title, .Title), severity: first_text(.severity, .Severity), status: first_text(.status, .Status),
      id: first_text(.name, .IncidentName, (.id | text // "" | split("/") | last), .incidentNumber, .IncidentNumber),
      rule: first_text((.relatedAnalyticRuleIds, .related_analytic_rule_ids, (.RelatedAnalyticRuleIds | inner) | list[0] | text // ""
          | split("/") | last),
                 ($alerts[0] | obj | .additionalData | obj | .AlertType), .title, .Title),
      time: moment_of(.lastActivityTimeUtc, .last_activity_time_utc, .LastActivityTime, .firstActivityTimeUtc, .createdTimeUtc,
          .created_time_utc, .CreatedTime),
      updated: first_text(.lastModifiedTimeUtc, .last_modified_time_utc, .LastModifiedTime, .createdTimeUtc), tenant: (.TenantId | text),
      subscription: (.id | text // "" | split("/") | if (.[1] // "" | ascii_downcase) == "subscriptions" then .[2] else null end),
      found: [.relatedEntities | typed("source.ip")], problem: true,
      attack: [((.additionalData, .additional_data, (.AdditionalData | inner)) | obj | .techniques),
          ($alerts[] | .additionalData | obj | .Techniques | inner) | techniques],
      owners: [$owner | first_text(.userPrincipalName, .user_principal_name, .email, .assignedTo, .assigned_to)],
      links: [.incidentUrl, .incident_url, .IncidentUrl]
    };

def alert:
  .part as $part | .post as $post | .alert | obj
  | (if is_incident then incident elif is_row then row elif is_endpoint then endpoint elif is_v1 then v1 else v2 end)
  | (.found // []) as $found | [$found[] | select(.role | startswith("related."))] as $others | ($found - $others) as $near
  # Which sort of thing was compromised only the endpoint product says.
  | ($near + if any($near[]; .role == "target.host") then [] elif .endpoint then [.compromised | entity("host"; "target.host")]
              else [.compromised | if text // "" | contains("@") then entity("user"; "related.user")
                  else entity("host"; "related.host") end | .provenance = "text"] end
     # In an alert about mail the account is who received it.
     | if any(.[]; .role == "target.email") and all(.[]; .role != "target.host")
       then map(if .role == "actor.user" then .role = "target.user" else . end) else . end
     | settled) as $near
  | (.subscription // .tenant) as $account
  | ([$near[] | select((.role | startswith("target.")) or .role == "actor.user") | "\(.role)=\(.value | ascii_downcase)"]
      | unique) as $subject
  | (.status | text // "" | ascii_downcase | . == "resolved" or . == "closed") as $ended
  | {
      title: (.title | text),
      detection_id: .rule,
      rule_version: null,
      severity: (.severity | severity),
      raw_severity: (.severity | text),
      occurred_at: .time,
      status: (if $ended then "resolved" else "firing" end),
      entities: ($near + $others + [$account | entity("account"; if any($near[]; .role
          | startswith("target.")) then "related.account" else "target.account" end)]),
      facets: [(.tenant // .subscription | {key: "tenant", value: ., set_by: "environment"}),
               (first($near[] | select(.role == "target.host" or .role == "target.instance"))
                   | {key: "host", value: .value, set_by: "environment"}),
               (first($near[] | select(.role == "actor.user" or .role == "target.user"))
                   | {key: "user", value: .value, set_by: "environment"}),
               (first($near[] | select(.role == "target.email")) | {key: "mailbox", value: .value, set_by: "environment"}),
               (first($others[] | select(.kind == "process")) | {key: "process", value: .value, set_by: "actor"}),
               (if .problem or $subject == [] then {key: "title", value: (.title | text), set_by: "actor"} else empty end)],
      attack: .attack,
      occurrence_id: (if .id then [.id, .updated, (if $ended then "resolved" else null end)] | map(values) | join("/") else null end),
      # An incident keeps its id while alerts and entities join it; of an alert each new one has another id.
      problem: (if .problem and .id then "incident=\(.id | ascii_downcase)" else null end),
      about: ([.tenant, .subscription, .name]
              + if $subject != [] then $subject else [.id // ($part | tojson)] end),
      owner_hints: [.owners | list[] | values],
      links: [.links | list[] | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
