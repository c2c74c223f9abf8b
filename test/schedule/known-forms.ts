import { formsLike } from "../../src/schedule/known-forms.js";

/** The forms that a refusal can show, by a text that is plainly of their kind. */
export const knownForms = {
  times: formsLike("at nine"),
  weekdays: formsLike("monday"),
  steps: formsLike("minutes"),
  dates: formsLike("1st"),
  cron: formsLike("* * * * *"),
};
