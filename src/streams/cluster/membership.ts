import type { Consumer } from '../../sinks/kafka/client.js';

/** How this process stands in a consumer group, for metrics and readiness. */
export class Membership {
  readonly groupId: string;
  /** Times the group's partitions were shared anew with this process in it. */
  rebalances = 0;
  /** Whether it was taken in and nothing has undone that since. */
  joined = false;
  /** When Kafka last answered for the group, ms; 0 before the first time. */
  answeredMs = 0;

  constructor(consumer: Consumer, groupId: string) {
    this.groupId = groupId;
    const { events } = consumer;
    const answered = (joined: boolean): void => {
      this.joined = joined;
      this.answeredMs = Date.now();
    };
    consumer.on(events.GROUP_JOIN, () => {
      this.rebalances++;
      answered(true);
    });
    consumer.on(events.HEARTBEAT, () => answered(true));
    consumer.on(events.REBALANCING, () => answered(false));
    for (const event of [events.CRASH, events.STOP, events.DISCONNECT]) {
      consumer.on(event, () => {
        this.joined = false;
      });
    }
  }
}
