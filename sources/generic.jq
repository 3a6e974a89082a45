# Any alert that no other source knows, read by the names that tools usually give their fields: those of OCSF, ECS, CEF, Zabbix,
# Nagios, Azure Monitor, New Relic and their like. It may ask, never fire: no vendor promised these paths, so every entity is `text`
# and there are no facets.

def text: if type == "string" and . != "" then . elif type == "number" or type == "boolean" then tostring else null end;
def list: if type == "array" then . else [] end;
def obj: if type == "object" then . else {} end;
# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];
def json: [fromjson?][0];
def swap($old; $new): (. / $old) | join($new);
# What tools write where they have nothing to say.
def empty_words: {null: true, none: true, "n/a": true, na: true, "-": true, unknown: true, undefined: true, "...": true, "*": true};
def said:
  if type == "array" then .[0] else . end | text
  | if . == null or startswith("$") or startswith("*insert ") or empty_words[ascii_downcase] then null else . end;

# `CEF:0|vendor|product|version|signature|name|severity|src=192.0.2.1 msg=two words`: a value ends before the next key's word.
def cef:
  split("CEF:")[1] | split("|") as $head
  | ($head[7:] | join("|") | split("=")) as $tokens
  | reduce ($tokens | to_entries[] | .value |= split(" ")) as {key: $at, value: $words} ({fields: {}, key: $tokens[0], held: ""};
      if $at == 0 then .
      elif $at == ($tokens | length) - 1 then .fields[.key] = .held + ($words | join(" "))
      # A value with a "=" of its own.
      elif $words[1] == null then .held += $words[0] + "="
      else .fields[.key] = .held + ($words[:-1] | join(" ")) | .key = $words[-1] | .held = "" end)
  | .fields + {signatureid: $head[4], cefname: $head[5], cefseverity: $head[6]};
# `<38>Nov 24 10:00:00 host sshd[7]: …` and `<38>1 2026-11-24T10:00:00Z host sshd 7 - - …`.
def syslog:
  split(">") as $cut | ($cut[1:] | join(">") | split(" ") | map(select(. != ""))) as $words
  | ($cut[0][1:] | number) as $priority
  | if $priority == null or $priority > 191 then null
    else (if $words[0] == "1" then {syslogtime: $words[1], hostname: $words[2], processname: $words[3]}
          else {hostname: $words[3], processname: ($words[4] // "" | rtrimstr(":") | split("[")[0])} end)
      + {syslogseverity: ($priority % 8)} end;
# Fields that are text and hold an alert of their own: JSON, CEF, syslog. A look at the whole as text tells whether there is any.
def opened:
  if tojson | contains("\"{") or contains("CEF:") or contains(":\"<") then
    reduce (to_entries[] | select(.value | type == "string" and (startswith("{") or startswith("<") or contains("CEF:"))))
      as {$key, $value} (.;
          if $value | startswith("{") then .[$key] = ($value | json) // $value
          else .record = ($value | if contains("CEF:") then cef else syslog end) // .record end)
  else . end;
# [{key: "team", value: "blue"}] says the same as {team: "blue"}.
def pairs:
  if type == "array"
     and (.[0] | type == "object" and has("value") and (has("key") or has("name") or has("title") or has("tag"))) then
    reduce (.[] | objects) as $pair ({};
      (first($pair | .key, .name, .title, .tag | strings) // null) as $key
      | if $key then .[$key] = ($pair.value | if type == "object" then .stringValue // . else . end) else . end)
  else . end;

# Every value with its path, four keys deep; of a list, its first member.
def under: if type == "object" then .[] elif type == "array" then .[0] | objects | .[] else empty end;
def values_by_path: [path_value(.[]), path_value(.[] | under | ., (under | ., under))];
# Keys that only wrap.
def wrappers:
  ["/kibana/", "/payload/", "/body/", "/notification/", "/records/", "/record/", "/data/", "/detail/", "/object/", "/content/",
   "/alerts/", "/alert/", "/events/", "/event/", "/incident/", "/alarm/", "/issue/", "/detection/", "/findings/", "/finding/",
   "/findinginfo/", "/results/", "/result/", "/message/", "/essentials/", "/alertcontext/", "/attributes/", "/properties/",
   "/details/", "/customdetails/", "/metadata/", "/labels/", "/commonlabels/", "/userlabels/", "/systemlabels/",
   "/policyuserlabels/", "/annotations/", "/commonannotations/", "/fields/", "/customfields/", "/parameters/", "/evidences/",
   "/evidence/", "/alarmtypedetails/", "/checkparams/", "/fileinfo/", "/matchedrules/", "/rule1/", "/matchedevent/", "/inputs/",
   "/raw/", "/log/", "/text/"];
# All names at once, as one text: "Rule Name", "rule_name", "@ruleName" and rule.name are rulename. JSON keeps the keys apart.
def plain_names:
  [.[][0]] | tojson | ascii_downcase
  | swap("_"; "") | swap("-"; "") | swap(" "; "") | swap("@"; "")
  | swap("\",0,\""; "/") | swap("\",\""; "/") | swap("."; "/")
  | if contains("/") then swap("[\""; "[\"/") | reduce wrappers[] as $wrapper (.; swap($wrapper; "/")) | swap("/"; "") else . end;
# {name: n}, where the value of the name is found[-n]. Of two with one name the outer stands.
def places:
  json | list | reverse | to_entries | tojson
  | ltrimstr("[{\"key\":0,\"value\":[") | rtrimstr("]}]") | swap("]},{\"key\":"; ":") | swap(",\"value\":["; ",");
def index_of_names($count): "{\(places):\($count)}" | json | obj;

# A post of many alerts, unless it has a title of its own: then the list is only detail.
def bundle:
  . as $post
  | if type != "object" then null
    else first(("alerts", "events", "findings", "incidents", "records", "results", "items", "Alerts", "Events", "Findings", "Records",
                "data", "value")
               | select($post[.] | type == "array" and (map(type == "object") | any))) as $key
      | if $post | has("title") or has("name") or has("rule") or has("severity") or has("message") or has("summary") or has("Title")
             or has("Name") or has("Severity")
        then null else $key end end;
def parts:
  (first(bundle) // null) as $key
  | if type == "array" then .[] | {part: ., alert: .}
    elif $key then . as $post | .[$key][] | {part: ($post + {($key): [.]}), alert: (if type == "object" then ($post | del(.[$key])) + . else . end)}
    else {part: ., alert: .} end;

def recognises: type == "object" or (type == "array" and (map(type == "object") | any));

# Words and the P and SEV scales only: a bare number says nothing without its scale.
def severity:
  {
    critical: "critical", crit: "critical", fatal: "critical", emergency: "critical", emerg: "critical", disaster: "critical",
    severe: "critical", veryhigh: "critical", blocker: "critical", p0: "critical", p1: "critical", sev0: "critical", sev1: "critical",
    high: "high", major: "high", error: "high", err: "high", urgent: "high", p2: "high", sev2: "high",
    medium: "medium", moderate: "medium", average: "medium", warning: "medium", warn: "medium", p3: "medium", sev3: "medium",
    low: "low", minor: "low", p4: "low", sev4: "low",
    informational: "informational", information: "informational", info: "informational", notice: "informational",
    debug: "informational", p5: "informational", sev5: "informational"
  }[text // "" | ascii_downcase | split(" - ") | .[-1] // "" | swap("_"; "") | swap("-"; "") | swap(" "; "")
    | ltrimstr("alertcriticalitylevel")];
# Scales that their own field names: OCSF, Zabbix, CEF, syslog, Azure.
def scales:
  {
    ocsf: {"1": "informational", "2": "low", "3": "medium", "4": "high", "5": "critical", "6": "critical"},
    zabbix: {"1": "informational", "2": "medium", "3": "medium", "4": "high", "5": "critical"},
    cef: {"0": "low", "1": "low", "2": "low", "3": "low", "4": "medium", "5": "medium", "6": "medium", "7": "high", "8": "high",
          "9": "critical", "10": "critical"},
    syslog: {"0": "critical", "1": "critical", "2": "critical", "3": "high", "4": "medium", "5": "informational",
             "6": "informational", "7": "informational"},
    azure: {sev0: "critical", sev1: "high", sev2: "medium", sev3: "informational", sev4: "informational"}
  };

# A type that only says what became of the alert, or that it is one, is no rule: it would be another at the end.
def last_word: ascii_downcase | swap("."; "_") | swap(":"; "_") | swap(" "; "_") | split("_") | .[-1] // "";
def only_says_alert:
  {alert: true, alarm: true, event: true, incident: true, notification: true, problem: true, custom: true}[ascii_downcase];
def only_says_state:
  {
    recovery: true, resolved: true,
    recovered: true, cleared: true, closed: true, close: true, open: true, opened: true, created: true, updated: true, deleted: true,
    triggered: true, fired: true, firing: true, acknowledged: true, acknowledgement: true, degraded: true, failure: true
  }[.];

# Few words count as an end, because an alert that is taken for one is not decided. The last word of a value decides: "alert.resolved"
# and "ALERT_RECOVERY" are ends, "unresolved" is none. All values are looked through as one text, each between "|" and "$".
def words_of(f): [f | text | values] | "|\(join("$|"))$" | ascii_downcase;
def says_end:
  swap("."; "|") | swap("_"; "|") | swap(":"; "|") | swap("-"; "|")
  | (contains("|resolved$") or contains("|recovered$") or contains("|recovery$") or contains("|cleared$") or contains("|closed$")
     or contains("|close$") or contains("|resolve$"))
    and (contains("|not|") | not);
def says_fine: contains("|ok$") or contains("|up$") or contains("|clear$") or contains("|cleared$");

def is_time:
  if type == "number" then . > 100000000
  elif type == "string" then (.[4:5] == "-" and contains(":")) or (number // 0) > 100000000
  else false end;

# T1110, "T1110.001: Password Guessing", "attack.t1110", and lists and objects of them.
def each: if type == "array" then .[] else . end;
def ids: if type == "object" then .id, .uid, .technique_id, .techniqueId else . end | text | values;
def techniques(f):
  [f | each | ids, (objects | .technique, .techniques, .sub_technique | each | ids, (objects | .subtechnique | each | ids))]
  | if . == [] then . else
      join(" ") | ascii_upcase
      | if contains("T1") or contains("T0") then
          swap(","; " ") | swap(":"; " ") | swap("("; " ") | swap(")"; " ") | swap("ATTACK."; " ") | swap("_"; " ") | split(" ")
          | [.[] | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))] | unique
        else [] end
    end;

# "Recovered: disk full" and "[PROBLEM] disk full" are about one thing.
def stateless:
  (if startswith("[") then split("] ") else split(": ") end) as $parts
  | if ($parts | length) > 1
       and {
             triggered: true, firing: true, problem: true, alerting: true, down: true, up: true, ok: true, warning: true,
             critical: true, fixed: true, resolved: true, recovered: true, recovery: true, cleared: true, closed: true
           }[$parts[0] | ltrimstr("[") | ascii_downcase]
    then $parts[1:] | join(" ") else . end;

def is_ip:
  (contains(" ") | not)
  and ((split(".") | length == 4 and (map(select(number != null)) | length) == 4) or (split(":") | length) > 2);
def entity($kind; $role): {kind: $kind, value: ., role: $role, provenance: "text"};
def host($side):
  # "db-01:9100"
  (split(":") | if length == 2 and (.[1] | number) != null then .[0] else join(":") end)
  | if is_ip then entity("ip"; "\($side).ip") else entity("host"; "\($side).host") end;

# The alert whose values are found, by $at: {name: place}.
def read($part; $found; $at):
  ($at | keys_unsorted) as $known
  # The values that go by one of the names, the best name first. Two subtractions are an intersection: cheaper than looking each up.
  | def named($names): ($names - ($names - $known))[] | $found[-$at[.]][1];
  def one($names): first(named($names) | said | values) // null;
  # The first that looks like its kind.
  def one_if($names; yes): first(named($names) | said | values | select(yes)) // null;

  def title:
    one(["title", "alerttitle", "messagetitle", "eventtitle", "problemtitle", "headline", "subject", "summary", "alertsummary",
         "shortdescription", "alertname", "rulename", "alertrule", "checkname", "monitorname", "problemname", "eventname",
         "triggername", "conditionname", "policyname", "flaggedrulesname", "pullrequesttitle", "entitydisplayname", "name",
         "ruledescription", "alarmtext", "alarmname", "cefname", "threatname", "signature", "alertdescription", "description",
         "desc", "statemessage", "alertmessage", "msg", "text", "output", "serviceoutput", "hostoutput", "heartbeatmsg",
         "headcommitmessage", "longdescription", "event", "rule", "info", "message", "body", "raw", "line", "log", "fulllog",
         "workflowrunname", "workflowjobname", "type"]);
  def rule:
    one(["ruleid", "ruleuuid", "ruleuid", "alertruleid", "rulename", "alertrule", "rule", "analyticuid", "analyticname",
         "signatureid", "signaturename", "signature", "sid", "detectionid", "detectionname", "detection", "detectorid",
         "detectorname", "policyid", "policyname", "policy", "alertpolicynames", "monitorid", "monitorname", "monitor", "checkid",
         "checkname", "checkcommand", "check", "servicedesc", "servicedescription", "triggerid", "triggername", "conditionid",
         "conditionname", "alertconditionnames", "queryid", "queryname", "searchname", "alertdefinitionid", "checkrulesid",
         "checkrulesname", "flaggedrulesid", "flaggedrulesname", "alertname", "alarmname", "alarmsubtype", "alarmmaintype",
         "threatname", "eventcode", "eventname", "metricname", "originatingmetric", "findingtype"])
    // one_if(["alerttype", "subtype", "eventtype", "type", "category", "name",
               "event"]; (only_says_alert or (last_word | only_says_state)) | not);
  def time:
    first(named(["occurredat", "eventtime", "detectedat", "triggeredat", "firedat", "fireddatetime", "startsat", "startedat",
                 "starttime", "statestarttime", "openedat", "timestampiso", "timestampms", "timestamp", "timedt", "time",
                 "eventtimestamp", "heartbeattime", "statechangedtimestamp", "statechangetime", "laststatechange", "shortdatetime",
                 "datetime", "date", "published", "startdate", "start", "activatedat", "createdat", "created", "createdtime",
                 "creationtime", "sysupdatedon", "syscreatedon", "firstseen", "eventcreated", "ingested", "rt", "updatedat",
                 "updatedate", "lastseen", "syslogtime", "systime"])
          | select(is_time)) // null;

  def severity_and_raw:
    (one(["severityid"]) | if . and one(["classuid", "categoryuid", "typeuid"]) then scales.ocsf[.] else null end) as $ocsf
    | (if one(["monitorcondition"]) then scales.azure else {} end) as $azure
    | [named(["severity", "severitylabel", "severityname", "severitylevel", "severitytext", "eventseverity", "triggerseverity",
              "alertseverity", "ruleseverity", "findingseverity", "problemseverity", "risklevel", "alarmrisklevel", "risk",
              "priority", "alertpriority", "eventpriority", "rulepriority", "priorityname", "urgency", "criticality", "importance",
              "importancelevel", "impact", "alertlevel", "level", "rulelevel", "loglevel",
              "messagetype"]) | said | values] as $words
    | first(
        ($words[] | ($azure[ascii_downcase] // severity) as $known | select($known) | [$known, .]),
        ($ocsf | values | [., one(["severityid"])]),
        (one(["eventnseverity", "triggernseverity"]) | values | [scales.zabbix[.], .]),
        (one(["cefseverity"]) | values | [scales.cef[.] // severity, .]),
        (one(["syslogseverity"]) | values | [scales.syslog[.], .]),
        (named(["state", "servicestate", "hoststate", "currentstate", "status"]) | said | severity as $known | select($known)
          | [$known, .]),
        ($words[] | [null, .])) // [null, null];

  def ended:
    named(["resolved", "isresolved", "recovered"]) == true,
    (words_of(named(["status", "state", "currentstate", "alertstatus", "alertstate", "incidentstate", "incidentstatus",
                     "issuestatus", "eventstatus", "problemstatus", "problemstate", "monitorcondition", "triggerstatus",
                     "statename"])) | says_end),
    (words_of(named(["state", "currentstate", "alertstate", "servicestate", "hoststate", "monitorstate", "checkstate",
                     "triggerstatus", "severity", "alertseverity"])) | says_fine),
    # A monitor that beats again.
    named(["heartbeatstatus"]) == 1,
    # What a repository closes is no alert that ended.
    (if $at.repositoryfullname then empty
     else words_of(named(["action", "alertaction", "notificationtype", "type", "alerttype", "eventtype", "messagetype",
                          "transition", "alerttransition", "event"])) | says_end end);

  def entities:
    one(["dhost", "hostname", "host", "hostdisplayname", "hosthost", "computername", "computer", "computerdnsname", "devicename",
         "devicehostname", "device", "machine", "machinename", "servername", "server", "node", "nodename", "agentname",
         "agenthostname", "endpointname", "endpoint", "assetname", "asset", "affectedhost", "targethost", "targethostname",
         "dvchost", "dvchostname", "fqdn", "vmname", "monitorhostname", "configurationitem", "configurationitems", "cmdbci",
         "cmdbcidisplayvalue", "destinationhostname", "destinationhost", "dstendpointhostname", "cloudinstancename", "instance",
         "sysname"]) as $host
    | [ (one(["actorusername", "actoralternateid", "suser", "sourceusername", "srcuser", "username", "user",
              "useridentityusername", "subjectusername", "subjectuser", "actorname", "actorid", "actorlogin", "actor",
              "principal", "principalname", "userprincipalname", "accountname", "account", "loginname", "login", "userid",
              "senderlogin", "pushername", "pullrequestuserlogin", "userlogin", "initiator", "initiatedby", "useremail",
              "actoremail"])
           | values | select(utf8bytelength != 12 or number == null) | entity("user"; "actor.user")),
        (one(["useridentityarn", "userarn", "principalarn"]) | values | entity("arn"; "actor.arn")),
        (one(["accesskeyid", "useridentityaccesskeyid"]) | values | entity("access_key"; "actor.access_key")),
        (one_if(["srcip", "sourceip", "src", "sourceipaddress", "sourceaddress", "srcaddr", "srcaddress", "srcendpointip",
                 "clientip", "clientipaddress", "clientaddress", "networkclientip", "remoteip", "remoteaddr", "remoteaddress",
                 "remoteipaddress", "calleripaddress", "callerip", "attackerip", "actorip", "userip", "rhost", "source",
                 "ipaddress", "ipaddr", "ip"];
                is_ip and . != $host)
           | values | entity("ip"; "source.ip")),
        (one(["shost", "srchost", "sourcehost", "sourcehostname", "srcendpointhostname", "clienthostname"])
           | values | entity("host"; "source.host")),
        ($host | values | select(contains(" ") | not) | host("target")),
        (one_if(["hostip", "hostaddress", "hostipaddress", "deviceip", "agentip", "address", "dvc",
                 "affectedip"]; is_ip and . != $host)
           | values | entity("ip"; "target.ip")),
        (one(["duser", "destinationusername", "dstuser", "dstusername", "targetuser", "targetusername"])
           | values | entity("user"; "target.user")),
        (one(["service", "servicename", "servicedesc", "servicedescription", "application", "applicationname", "component",
              "affectedservice", "resourcename", "resourcedisplayname", "entityname", "impactedentity", "impactedentities",
              "targetsname", "resourcedatabaseid", "repositoryfullname", "resourceid", "resource", "functionname", "workload",
              "subsystem", "entity"])
           | values | entity("service"; "target.service")),
        (one(["instanceid", "cloudinstanceid", "resourceinstanceid"]) | values | entity("instance"; "target.instance")),
        (one(["bucket", "bucketname", "s3bucketname", "s3bucket", "requestparametersbucketname", "resourcebucketname"])
           | values | entity("bucket"; "target.bucket")),
        (one(["pod", "podname", "kubernetespodname", "k8spodname", "resourcepodname"]) | values | entity("pod"; "target.pod")),
        (one(["containername", "containerid", "resourcecontainername"]) | values | entity("container"; "related.container")),
        (one(["accountid", "awsaccountid", "cloudaccountid", "recipientaccountid", "subscriptionid", "projectid",
              "scopingprojectid"])
           | values | entity("account"; "related.account")),
        (one_if(["dstip", "dst", "destip", "destinationip", "destinationaddress", "destinationipaddress", "dstendpointip",
                 "targetip", "serverip"]; is_ip)
           | values | entity("ip"; "related.ip")),
        (one(["processname", "process", "actorprocessname", "processexecutable", "processpath", "image", "sproc", "dproc", "exe",
              "commandline", "cmdline", "processcommandline"])
           | values | entity("process"; "related.process")),
        (one(["filepath", "file", "filename", "fname", "s3location", "targetfilename", "attachmentname"])
           | values | entity("file"; "related.file")),
        (one_if(["sha256", "filehashsha256", "filesha256", "processhashsha256", "sha1", "filehashsha1", "md5", "filehashmd5",
                 "filehash", "hash"]; utf8bytelength > 7 and (contains(" ") | not))
           | values | entity("hash"; "related.hash")),
        (one_if(["domain", "domainname", "dnsquestionname", "destinationdomain", "phishingdomain", "urldomain", "query"];
                contains(".") and (contains(" ") or contains("/") or contains("=") | not))
           | values | entity("domain"; "related.domain")),
        (one_if(["request", "urlfull", "urloriginal", "requesturl", "targeturl", "fullurl", "monitorurl",
                 "maliciousurl"]; contains("://"))
           | values | entity("url"; "related.url")),
        (one_if(["sender", "from", "senderemail", "fromaddress", "email", "emailaddress", "compromisedemails",
                 "headcommitauthoremail", "pusheremail", "useremail", "actoremail"]; contains("@"))
           | values | entity("email"; "related.email")) ];

  # What people read. Nothing here names what stands in it, so it is looked through by shape.
  def prose:
    [named(["title", "alerttitle", "messagetitle", "eventtitle", "problemtitle", "headline", "subject", "summary", "alertsummary",
            "shortdescription", "longdescription", "description", "alertdescription", "ruledescription", "desc", "statemessage",
            "alertmessage", "fullmessage", "rawmessage", "message", "msg", "text", "alarmtext", "output", "serviceoutput",
            "longserviceoutput", "hostoutput", "body", "raw", "rawevent", "log", "line", "fulllog", "info", "comment", "notes",
            "reason", "content", "event"]) | strings];

  severity_and_raw as [$severity, $raw]
  | title as $title
  | (if [ended] | any then "resolved" else "firing" end) as $status
  | one(["eventid", "eventuuid", "occurrenceid", "alertid", "alertuuid", "incidentid", "problemid", "pid", "alarmid",
         "notificationid", "checkresultid", "externalid", "uuid", "guid", "uid", "id", "number", "requestid"]) as $id
  | one(["updatedat", "updated", "lastseen", "lastupdated", "lastupdate", "updatedate"]) as $updated
  | one(["dedupkey", "dedupekey", "deduplicationkey", "dedupid", "incidentkey"]) as $key
  | entities as $entities
  | rule as $rule
  | {
      title: $title,
      detection_id: $rule,
      rule_version: one(["ruleversion", "rulerev", "signaturerev"]),
      severity: $severity,
      raw_severity: $raw,
      occurred_at: time,
      status: $status,
      # Where no name said anything, any value may.
      entities: ($entities + [{found_in: (if $entities == [] then $part else prose end), side: "related"}]),
      facets: [],
      attack: techniques(named(["technique", "techniques", "techniqueid", "techniqueids", "techniqueuid", "mitre", "mitreid",
                                "mitretechnique", "mitretechniques", "mitretechniqueid", "mitretechniqueids", "mitreattack",
                                "mitreattackid", "attack", "attacks", "attackid", "attacktechnique", "attacktechniques",
                                "rulemitre", "rulemitreid", "threat", "threattechnique", "threattechniqueid",
                                "threattechniquesubtechniqueid", "rulethreat", "tags", "ruletags"])),
      occurrence_id: (if $id then [$id, $updated, if $status == "resolved" then $status else null end] | map(values) | join("/")
                      else null end),
      # Rather two cases for one problem than one case for two: where nothing says what it is about, or nothing says where, only the
      # same post is the same problem.
      about: ([$key // ($title // "" | stateless)]
              + if $key or ($entities != [] and ($title or $rule)) then [$entities[] | "\(.role)=\(.value)"] | sort
                else [$id // ($part | tojson)] end),
      owner_hints: [named(["team", "teamname", "ownerteam", "owner", "ownername", "owneremail", "assignedto", "assignee",
                           "assignmentgroup", "squad", "oncall", "contactgroup"]) | said | values],
      links: [named(["url", "link", "permalink", "alerturl", "eventurl", "incidenturl", "problemurl", "issueurl", "consoleurl",
                     "detectorurl", "dashboardurl", "runbookurl", "weblink", "htmlurl", "pullrequesthtmlurl", "generatorurl",
                     "href"])
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def unpaired(f): if type == "object" then map_values(pairs | f) else . end;
def alert:
  .part as $part
  | (.alert | if type == "object" then . elif type == "string" then {message: .} else {} end | opened) as $alert
  | ($alert | values_by_path) as $first
  | ($first | plain_names) as $names
  | if $names | contains("value\"]") and (contains("key\"]") or contains("name\"]") or contains("tag\"]") or contains("title\"]"))
       and ($alert | tojson | contains("[{"))
    then ($alert | unpaired(unpaired(unpaired(.))) | values_by_path) as $found
      | read($part; $found; $found | plain_names | index_of_names($found | length))
    else read($part; $first; $names | index_of_names($first | length)) end;

def alerts: parts | alert;
