import type {
  Automation,
  AutomationDetail,
  AutomationFields,
  Deployment,
  DeploymentFields,
  DeploymentListQuery,
  DeploymentSummary,
  EventQuery,
  HermEvent,
  List,
  MessageAnswer,
  MessageFields,
  PageQuery,
  Thread,
  ThreadSummary,
} from "./types.js";

export interface RequestOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface EventStream extends AsyncIterable<HermEvent> {
  close(): void;
}

/** The official SDK's shape (herm-api.md, "The SDK's shape"). */
export interface Herm {
  automations: {
    create(deploymentId: string, fields: AutomationFields, options?: RequestOptions): Promise<Automation>;
    list(deploymentId: string, query?: PageQuery, options?: RequestOptions): List<Automation>;
    get(deploymentId: string, automationId: string, options?: RequestOptions): Promise<AutomationDetail>;
    update(
      deploymentId: string,
      automationId: string,
      fields: Partial<AutomationFields>,
      options?: RequestOptions,
    ): Promise<Automation>;
    trigger(
      deploymentId: string,
      automationId: string,
      options?: RequestOptions,
    ): Promise<{ run_id: string }>;
    delete(deploymentId: string, automationId: string, options?: RequestOptions): Promise<void>;
  };
  deployments: {
    list(query?: DeploymentListQuery, options?: RequestOptions): List<DeploymentSummary>;
    get(deploymentId: string, options?: RequestOptions): Promise<Deployment>;
    create(fields: DeploymentFields, options?: RequestOptions): Promise<Deployment>;
    messages: {
      send(deploymentId: string, fields: MessageFields, options?: RequestOptions): Promise<MessageAnswer>;
    };
    events: {
      stream(deploymentId: string, query?: EventQuery, options?: RequestOptions): Promise<EventStream>;
    };
  };
  threads: {
    list(deploymentId: string, query?: PageQuery, options?: RequestOptions): List<ThreadSummary>;
    get(deploymentId: string, threadId: string, options?: RequestOptions): Promise<Thread>;
  };
}
