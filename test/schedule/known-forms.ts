import { formsLike } from "../../src/schedule/known-forms.js";

/** The forms that a refusal can suggest, by a text that is clearly of their kind. */
export const knownForms = {
  times: formsLike("at nine"),
  weekdays: formsLike("monday"),
  steps: formsLike("minutes"),
  dates: formsLike("1st"),
  cron: formsLike("* * * * *"),
};
