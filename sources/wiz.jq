# Wiz issues: the default body of its webhooks, issues of its API (alone, in an array, or in a GraphQL answer).

def moment_of(f): first(f | if type == "number" then . else strings | text end | values) // null;
def tail: split("/") | last // "";

def answer: obj | .data | obj | .issuesV2 // .issues | obj | .nodes | list;
def parts:
  if type == "array" then .[] | {part: ., issue: obj}
  elif answer != [] then . as $post | (if .data.issuesV2 then "issuesV2" else "issues" end) as $key
    | answer[] | . as $one | {part: ($post | .data[$key].nodes = [$one]), issue: obj}
  else {part: ., issue: obj} end;

def is_hook: has_any(["trigger", "issue"]) and count(
    (.trigger | obj | (.source | text) and (.ruleId // .ruleName | text)), (.issue | obj | (.id // .status) | text),
    (.resource | obj | has("cloudPlatform") or has("subscriptionId") or has("cloudProviderURL")),
    (.control | obj | has("risks") or has("severity") or has("id"))
  ) >= 3;
def is_issue: has_any(["entitySnapshot", "statusChangedAt", "serviceTickets", "projects"]) and count(
    (.entitySnapshot | type == "object"), (.sourceRule | type == "object") or (.sourceRules | type == "array")
      or (.control | type == "object"),
    has("statusChangedAt"), (.projects | type == "array"), has("serviceTickets"), (.severity | text) and (.status | text),
    (.type | text // "" | . == "TOXIC_COMBINATION" or . == "CLOUD_CONFIGURATION" or . == "THREAT_DETECTION")
  ) >= 4;
def recognises: any(parts; .issue | is_hook or is_issue);

def severity:
  {INFORMATIONAL: "informational", LOW: "low", MEDIUM: "medium", HIGH: "high", CRITICAL: "critical"}[text // "" | ascii_upcase];

# VIRTUAL_MACHINE in the API, virtualMachine in webhooks.
def kinds: {
    virtualmachine: "instance", virtualmachineimage: "service", bucket: "bucket", useraccount: "user", serviceaccount: "user",
      identity: "user",
    user: "user", accesskey: "access_key", subscription: "account", account: "account", container: "container",
      containerimage: "container",
    pod: "pod", host: "host", virtualnetwork: "network", subnet: "network", domain: "domain", endpoint: "domain"};
def resource_entities:
  (.kind // "" | ascii_downcase | split("_") | join("")) as $type | kinds[$type] as $kind
  | .id as $id | ($id // "" | startswith("arn:")) as $is_arn
  | if $kind == "instance" then
      # Wiz keeps a machine's own id at the end of the provider's path; where it is lost there is a name.
      (if $id then ($id | tail | entity("instance"; "target.instance")), ($id | select($is_arn) | entity("arn"; "related.arn")),
                  (if .name != ($id | tail) then .name | entity("host"; "related.host") else empty end)
       else .name | entity("host"; "target.host") end)
    elif $kind == "bucket" then first_text(.name, ($id // "" | split(":") | last)) | entity("bucket"; "target.bucket")
    elif $kind then first_text(.name, $id) | entity($kind; "target.\($kind)")
    elif $is_arn then $id | entity("arn"; "target.arn")
    else first_text(.name, $id) | entity("service"; "target.service") end,
    (if $is_arn and $kind and $kind != "instance" then $id | entity("arn"; "related.arn") else empty end);

# Both shapes as one.
def hook:
  (.issue | obj) as $issue | (.control | obj) as $control | (.resource | obj) as $resource | (.trigger | obj) as $trigger
  | {
      id: ($issue.id | text), status: first_text($issue.status, $trigger.type), severity: first_text($issue.severity, $control.severity),
      rule: first_text($control.id, $control.name), title: first_text($control.name, $issue.name, $issue.title),
      time: moment_of($issue.updatedAt, $issue.updated, $issue.created, $issue.createdAt),
      updated: first_text($issue.updatedAt, $issue.updated, $issue.created), change: first_text($trigger.type, $issue.status),
        ended: ($trigger.type == "Resolved"),
      account: first_text($resource.subscriptionId), region: ($resource.region | text),
      resource: {id: first_text($resource.id, $resource.externalId, $resource.providerId), name: ($resource.name | text),
          kind: ($resource.type | text)},
      owners: [], tags: ($resource.tags | obj), categories: [$control.securitySubCategories | list[]],
      links: [$resource.cloudProviderURL, $issue.url, $issue.portalUrl]
    };
def api:
  ([.sourceRule, (.sourceRules | list[]), .control | obj | select(. != {})][0] // {}) as $rule
    | (.entitySnapshot // .entity | obj) as $thing
  | {
      id: (.id | text), status: (.status | text), severity: (.severity | text), rule: first_text($rule.id, $rule.name),
        title: ($rule.name | text),
      time: moment_of(.updatedAt, .statusChangedAt, .createdAt), updated: first_text(.updatedAt, .statusChangedAt, .createdAt),
        change: null, ended: false,
      account: first_text($thing.subscriptionExternalId, $thing.subscriptionId), region: ($thing.region | text),
      resource: {id: first_text($thing.providerId, $thing.externalId, $thing.providerUniqueId), name: ($thing.name | text),
          kind: ($thing.type | text)},
      owners: [.projects | list[] | obj | .projectOwners, .securityChampions | list[] | obj | .email], tags: ($thing.tags | obj),
      categories: [$rule.securitySubCategories | list[]], links: [$thing.cloudProviderURL, .url, .wizUrl]
    };

def alert:
  .part as $part | .issue | (if is_hook then hook else api end)
  | (.status // "" | ascii_upcase) as $word | ($word == "RESOLVED" or .ended) as $ended
  | [.resource | resource_entities] as $found
  | {
      title: (.title // .rule),
      detection_id: .rule,
      rule_version: null,
      severity: (.severity | severity),
      raw_severity: .severity,
      occurred_at: .time,
      # A rejected issue is one that a person put away.
      status: (if $ended then "resolved" else "firing" end),
      entities: ($found + [.account | entity("account"; if any($found[]; .role | startswith("target.")) then "related.account"
          else "target.account" end)]),
      facets: ([{key: "account", value: .account}, {key: "region", value: .region},
                {key: "resource", value: first_text(.resource.name, .resource.id)}, {key: "resource_type", value: .resource.kind}]
               | map(select(.value or .key != "region") + {set_by: "environment"})),
      attack: [.categories[] | obj | select(.category | obj | .framework | obj | .name | text // "" | contains("MITRE")) | .title
               | text // "" | split(" ")[0] // "" | select(startswith("T") and (startswith("TA") | not))],
      # A webhook brings no time of the change: what changed stands in for it.
      occurrence_id: (if .id then [.id, .updated, .change, (if $ended then "resolved" else null end)] | map(values) | join("/")
          else null end),
      # Wiz keeps one issue for a control and a resource, and opens it again when it comes back. The resource stands beside it: a post
      # that names another is no update of it.
      problem: (if .id then [.id, .resource.id, .resource.name] | map(values) | "issue=" + join("/") else null end),
      about: ([.account, .region, .resource.kind, .resource.id, .resource.name]
              | if .[3] or .[4] then . else . + [$part | tojson] end),
      owner_hints: ([.owners[] | text | values] + [.tags | first_text(.owner, .Owner), first_text(.team, .Team) | values] | unique),
      links: [.links[] | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
