# Amazon CloudWatch alarms: SNS messages (in their envelope, raw, or in a Lambda's records), EventBridge events, and the events that
# an alarm hands to a Lambda itself. Metric, composite and multi-metric alarms.

# Of text that holds several JSON values some jqs make several: take one.
def json: [fromjson?][0];
def moment: if type == "number" then . else strings | text end;

def is_sns:
  count((.TopicArn | text), (.MessageId | text), (.SigningCertURL // .SigningCertUrl | text),
      (.SubscribeURL // .UnsubscribeURL | text)) >= 2;
# What a queue, a topic or a Lambda laid around an alarm.
def opened:
  obj | if .Sns | type == "object" then .Sns else . end
  | if .body | type == "string" then .body | json | obj else . end
  | if .Message | type == "object" then .Message
    elif (.Message | type == "string") and (.Message | startswith("{")) then .Message | json | obj
    else . end;
def records: type == "object" and (.Records | type == "array" and . != []);
def parts:
  if records then . as $post | .Records[] | {part: ($post + {Records: [.]}), alarm: opened, sent: obj}
  elif type == "array" then .[] | {part: ., alarm: opened, sent: obj}
  else {part: ., alarm: opened, sent: obj} end;

# A change of an alarm's configuration has a state too, but is no change of it.
def is_event:
  .detail | type == "object" and (has("operation") | not)
    and count((.alarmName | text), (.state | type == "object"), (.previousState | type == "object"),
        (.configuration | type == "object")) >= 2;
def is_lambda: (.alarmData | type == "object") and (.alarmArn | text) and .source == "aws.cloudwatch";
def is_alarm:
  is_event or is_lambda
  # Without one of these there are too few of the marks.
  or has_any(["AlarmName", "NewStateValue", "NewStateReason", "StateChangeTime", "AWSAccountId", "OldStateValue", "AlarmArn", "Trigger",
              "AlarmRule", "AlarmDescription"])
     and count(
       (.AlarmName | text), (.NewStateValue | text), (.NewStateReason | text), (.StateChangeTime | text), (.AWSAccountId | text),
         (.OldStateValue | text),
       (.AlarmArn | text // "" | split(":")[2] == "cloudwatch"), (.Trigger | type == "object"), (.AlarmRule | text),
       has("AlarmDescription"), (.MetricName | text), (.Namespace | text), (.ComparisonOperator | text)
     ) >= 4;
def is_control:
  obj | (.Sns | obj | if . == {} then null else . end) // .
  | (.Type == "SubscriptionConfirmation" or .Type == "UnsubscribeConfirmation") and is_sns;
def recognises: any(parts; (.alarm | is_alarm) or (.sent | is_control));

# All ways to write an alarm, as one.
def metric_of: obj | (.MetricStat // .metricStat | obj | .Metric // .metric) | obj;
def alarm:
  . as $alarm
  | if is_event or is_lambda then
      (.detail // .alarmData | obj) as $detail | ($detail.configuration | obj) as $setting | ($detail.state | obj) as $state
      | ([$setting.metrics | list[] | metric_of | select(. != {})]) as $metrics
      | {
          name: ($detail.alarmName | text), arn: first_text(.alarmArn, (.resources | list[0])), account: first_text(.account, .accountId),
            region: (.region | text),
          state: ($state.value | text), time: (first($state.timestamp, .time | moment) // null), rule: ($setting.alarmRule | text),
          metric: $metrics[0], all: $metrics, contributor: ($detail.alarmContributor | obj | .attributes | obj)
        }
    else
      (.Trigger | obj) as $trigger | ([$trigger.Metrics | list[] | metric_of | select(. != {})]) as $metrics
      | (if $metrics != [] then $metrics else [$alarm + $trigger] end) as $metrics
      | {
          name: (.AlarmName | text), arn: (.AlarmArn | text), account: (.AWSAccountId | text), region: (.Region | text),
          state: (.NewStateValue | text), time: (first(.StateChangeTime | moment) // null), rule: (.AlarmRule | text),
          metric: $metrics[0], all: $metrics, contributor: (.AlarmContributorAttributes | obj)
        }
    end
  # "EU (Ireland)" is the name of a region; its id stands in the ARN.
  | (.arn // "" | split(":")) as $parts
  | . + {region: first_text($parts[3], .region), account: first_text(.account, $parts[4])};

# [{name, value}] in SNS, an object in EventBridge.
def dimensions:
  obj | .Dimensions // .dimensions
  | if type == "object" then to_entries[] | {name: .key, value}
    else list[] | obj | {name: first_text(.name, .Name), value: first_text(.value, .Value)} end
  | select(.name and (.value | text));

# The nearest thing first: where two would have one role the first is the target.
def kinds:
  {
    InstanceId: [0, "instance"], PodName: [0, "pod"], FunctionName: [0, "service"], BucketName: [0, "bucket"],
      ContainerName: [1, "container"],
    host: [0, "host"], Host: [0, "host"], hostname: [0, "host"], HostName: [0, "host"], InstanceName: [1, "host"], NodeName: [1, "host"],
    ServiceName: [0, "service"], Service: [0, "service"], DBInstanceIdentifier: [0, "service"], DBClusterIdentifier: [1, "service"],
      TableName: [0, "service"],
    QueueName: [0, "service"], TopicName: [0, "service"], LoadBalancer: [0, "service"], LoadBalancerName: [0, "service"],
    TargetGroup: [1, "service"], ApiName: [0, "service"], ApiId: [0, "service"], StateMachineArn: [0, "arn"], StreamName: [0, "service"],
    AutoScalingGroupName: [1, "service"], CacheClusterId: [0, "service"], ClusterIdentifier: [0, "service"], ClusterName: [2, "service"],
    DistributionId: [0, "service"], DeliveryStreamName: [0, "service"], FileSystemId: [0, "service"], DomainName: [0, "service"],
    RuleName: [1, "service"], WebACL: [0, "service"], Broker: [0, "service"], "Cluster Name": [1, "service"], UserPool: [0, "service"],
    LogGroupName: [1, "service"], VpcId: [1, "network"], NatGatewayId: [0, "service"], TransitGateway: [0, "service"],
      VolumeId: [0, "service"]
  };
def settled:
  reduce .[] as $one ({held: {}, all: []};
    if (.held[$one.role] // $one.value) != $one.value then .all += [$one + {role: "related.\($one.kind)"}]
    else .held[$one.role] = $one.value | .all += [$one] end)
  | .all;

# CloudWatch has no severity; a site may add a priority to the message.
def severity: {P1: "critical", P2: "high", P3: "medium", P4: "low", P5: "informational"}[text // ""];

def alert:
  .part as $part | .sent as $sent | .alarm as $raw | ($raw | alarm) as $alarm
  | ([$alarm.all[] | dimensions] + [$alarm.contributor | to_entries[] | {name: .key, value}] | unique) as $dimensions
  | ([$dimensions[] | kinds[.name] as $kind | select($kind) | {rank: $kind[0], kind: $kind[1], value}]
      | sort_by(.rank) | map(.kind as $kind | .value | entity($kind; "target.\($kind)")) | settled) as $things
  | ($alarm.metric | obj) as $metric | first_text($metric.MetricName, $metric.name) as $metric_name
  | ($alarm.state == "OK") as $ended
  | {
      title: first_text($alarm.name, $sent.Subject, ($sent.Sns | obj | .Subject)),
      detection_id: $alarm.name,
      rule_version: null,
      severity: ($raw.Priority | severity),
      raw_severity: ($raw.Priority | text),
      occurred_at: ($alarm.time // first_text($sent.Timestamp, ($sent.Sns | obj | .Timestamp))),
      # Without data an alarm has not ended.
      status: (if $ended then "resolved" else "firing" end),
      entities: ($things + [($alarm.account | entity("account"; if $things != [] then "related.account" else "target.account" end)),
                            ($alarm.arn | entity("arn"; "related.arn"))]),
      # All of it is the site's own configuration. A composite alarm has no metric, but a rule.
      facets: ([{key: "account", value: $alarm.account}, {key: "region", value: $alarm.region},
                (if $alarm.rule then {key: "rule", value: $alarm.rule}
                 elif $metric_name then {key: "metric", value: ([first_text($metric.Namespace, $metric.namespace), $metric_name]
                     | map(values) | join("/"))}
                 else empty end),
                ($dimensions[0:20][] | {key: "dimension.\(.name)", value: (.value | text)})]
               | map(. + {set_by: "environment"})),
      attack: [],
      occurrence_id: (first_text($alarm.arn, $alarm.name) as $name
        | if $name and $alarm.time then "\($name)/\($alarm.time)" + if $ended then "/resolved" else "" end
          else first_text($sent.MessageId, ($sent.Sns | obj | .MessageId), $sent.messageId, $sent.id) end),
      # An alarm's name is unique in its account and region; what it watches is its subject.
      about: (if $alarm.name then [$alarm.account, $alarm.region, $alarm.name] + [$dimensions[] | "\(.name)=\(.value)"]
              else [first_text($sent.MessageId, $sent.id) // ($part | tojson)] end),
      owner_hints: [],
      links: [],
      payload: $part
    };

def control: {control: (if .Type == "UnsubscribeConfirmation" or (.Sns | obj
    | .Type == "UnsubscribeConfirmation") then "unsubscribe_confirmation"
                        else "subscription_confirmation" end)};
def alerts: parts | if .sent | is_control then .sent | control else alert end;
