/** Instructions; `#` stands for a random number, new in each run. */
interface ExampleTask {
  name: string;
  schedule: string;
  instructions: string;
  minutes: number;
  tool: string;
  says: string;
}

const tasks = {
  inbox: {
    name: "Inbox triage",
    schedule: "every hour",
    instructions: "Sort new mail by urgency. Draft replies to the simple messages, and label the rest.",
    minutes: 2,
    tool: "read_mail",
    says: "Sorted # messages, and drafted replies to the simple ones.",
  },
  spam: {
    name: "Spam sweep",
    schedule: "*/20 * * * *",
    instructions: "Move spam out of the shared inbox. Never delete anything.",
    minutes: 1,
    tool: "read_mail",
    says: "Moved # messages to spam.",
  },
  refunds: {
    name: "Refund requests",
    schedule: "30 */2 * * *",
    instructions: "Check new refund requests against the policy. Approve those below 50 EUR.",
    minutes: 3,
    tool: "list_orders",
    says: "Approved # requests, and left the rest to a person.",
  },
  prices: {
    name: "Price watch",
    schedule: "45 * * * *",
    instructions: "Compare our prices with those of the five nearest shops. Report differences above 5 %.",
    minutes: 6,
    tool: "fetch_prices",
    says: "Compared # prices; none differs by more than 5 %.",
  },
  reviews: {
    name: "Review replies",
    schedule: "0 */2 * * *",
    instructions: "Draft a reply to each new review, friendly and short.",
    minutes: 4,
    tool: "read_reviews",
    says: "Drafted replies to # reviews.",
  },
  stock: {
    name: "Stock check",
    schedule: "0 */6 * * *",
    instructions: "List items that will run out within a week, and draft an order for them.",
    minutes: 8,
    tool: "query_stock",
    says: "# items will run out within a week. The order is drafted.",
  },
  backup: {
    name: "Backup check",
    schedule: "15 2 * * *",
    instructions: "Check that last night's backup is complete and can be read.",
    minutes: 11,
    tool: "list_backups",
    says: "Read # files of the backup: all are complete.",
  },
  churn: {
    name: "Churn watch",
    schedule: "0 5 * * *",
    instructions: "Find customers who haven't bought anything for 60 days, and suggest an offer for each.",
    minutes: 9,
    tool: "query_customers",
    says: "Suggested offers for # customers.",
  },
  posts: {
    name: "Social posts",
    schedule: "every day at 11:00",
    instructions: "Write one post for each channel about the newest article.",
    minutes: 5,
    tool: "read_articles",
    says: "Wrote posts for # channels.",
  },
  reminders: {
    name: "Appointment reminders",
    schedule: "every day at 17:00",
    instructions: "Remind everybody who has an appointment tomorrow.",
    minutes: 4,
    tool: "read_calendar",
    says: "Reminded # people.",
  },
  digest: {
    name: "Daily digest",
    schedule: "every weekday at 7:30",
    instructions: "Summarise yesterday's orders, complaints and returns in ten lines.",
    minutes: 5,
    tool: "query_orders",
    says: "Summarised # orders.",
  },
  invoices: {
    name: "Invoice reminders",
    schedule: "0 8 * * 1-5",
    instructions: "Remind customers whose invoice is 14 days overdue. Be polite.",
    minutes: 6,
    tool: "list_invoices",
    says: "Sent # reminders.",
  },
  leads: {
    name: "Lead follow-up",
    schedule: "every weekday at 14:00",
    instructions: "Write to leads who have not heard from us for three days.",
    minutes: 7,
    tool: "query_leads",
    says: "Wrote to # leads.",
  },
  report: {
    name: "Weekly report",
    schedule: "every Monday at 9am",
    instructions: "Write last week's report: revenue, returns, and important changes.",
    minutes: 14,
    tool: "query_orders",
    says: "The report is written; it has # pages.",
  },
  newsletter: {
    name: "Newsletter draft",
    schedule: "every Thursday at 16:00",
    instructions: "Draft the newsletter from this week's three best articles.",
    minutes: 12,
    tool: "read_articles",
    says: "Drafted the newsletter with # links.",
  },
  timesheets: {
    name: "Timesheet check",
    schedule: "every Friday at 15:00",
    instructions: "Find timesheets with gaps, and ask their owners to fill them.",
    minutes: 6,
    tool: "read_timesheets",
    says: "Asked # people about gaps.",
  },
  contracts: {
    name: "Contract renewals",
    schedule: "0 6 1 * *",
    instructions: "List contracts that end within 90 days, with their notice periods.",
    minutes: 10,
    tool: "list_contracts",
    says: "# contracts end within 90 days.",
  },
} satisfies Record<string, ExampleTask>;

type TaskName = keyof typeof tasks;

/** Its customers, each with its deployments and its automations' tasks. */
const customers: readonly [name: string, regions: readonly string[], words: string][] = [
  ["Aldermoor Foods", [""], "inbox stock invoices report reviews"],
  ["Birchgate Clinics", [""], "inbox reminders digest timesheets"],
  ["Castlewick Hotels", [""], "reviews prices reminders newsletter"],
  ["Dovetree Gardens", [""], "spam stock posts newsletter"],
  ["Elmsworth Energy", [""], "inbox invoices churn contracts backup"],
  ["Fjordlight Travel", [" EU", " US"], "inbox refunds prices report"],
  ["Gullhaven Freight", [""], "inbox digest timesheets contracts"],
  ["Hollybrook Schools", [""], "spam reminders timesheets backup"],
  ["Juniper Lane Books", [""], "refunds posts newsletter stock"],
  ["Kestrelby Insurance", [" EU", " US"], "inbox churn leads report"],
  ["Larkmead Bank", [" EU", " US"], "spam digest contracts backup"],
  ["Mossford Tools", [""], "refunds leads invoices report"],
];

interface Quirk {
  /** How many of its latest runs failed, and the reason, for which future runs fail too. */
  failed?: readonly [count: number, reason: string];
  missed?: number;
  /** The question that its latest run is waiting with, and that later runs will ask. */
  asks?: string;
  pausedDays?: number;
  /** True if each run takes longer than the interval between runs. */
  isSlow?: boolean;
  isTardy?: boolean;
}

const quirks: Readonly<Record<string, Quirk>> = {
  "Aldermoor Foods/Stock check": { failed: [3, "query_stock: the warehouse refused the login"] },
  "Fjordlight Travel US/Price watch": { failed: [9, "fetch_prices: 429, too many requests"] },
  "Kestrelby Insurance EU/Lead follow-up": { failed: [1, "the model didn't respond within 120 s"] },
  "Castlewick Hotels/Newsletter draft": { missed: 1 },
  "Mossford Tools/Weekly report": { missed: 2 },
  "Gullhaven Freight/Daily digest": { missed: 2 },
  "Hollybrook Schools/Backup check": { missed: 3 },
  "Juniper Lane Books/Newsletter draft": { asks: "The third article isn't published yet. Leave it out?" },
  "Elmsworth Energy/Invoice reminders": { asks: "Customer 2093 disputes the invoice. Remind them anyway?" },
  "Dovetree Gardens/Social posts": { pausedDays: 9 },
  "Larkmead Bank US/Spam sweep": { pausedDays: 2 },
  "Kestrelby Insurance US/Churn watch": { pausedDays: 23 },
  "Dovetree Gardens/Spam sweep": { isSlow: true },
  "Castlewick Hotels/Price watch": { missed: 4 },
  "Birchgate Clinics/Inbox triage": { isTardy: true },
  "Larkmead Bank EU/Backup check": { isTardy: true },
};

export interface ExampleAutomation {
  task: ExampleTask;
  quirk: Quirk;
}

export interface ExampleDeployment {
  customer: string;
  name: string;
  automations: readonly ExampleAutomation[];
}

export const fleet: readonly ExampleDeployment[] = customers.flatMap(([customer, regions, words]) =>
  regions.map((region) => {
    const name = customer + region;
    const automations = words.split(" ").map((word) => {
      const task = tasks[word as TaskName];
      return { task, quirk: quirks[`${name}/${task.name}`] ?? {} };
    });
    return { customer, name, automations };
  }),
);
