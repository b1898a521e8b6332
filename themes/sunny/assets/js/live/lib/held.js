/** How many steps of a projected lesson were not passed over. @param {{steps: HeldStep[]}} r */
export const stepsHeld = (r) => r.steps.filter((s) => s.held).length;

/** What an inspection should know of how a record came to be. @param {LessonRecord} r */
export const remark = (r) => [r.late && "补记 " + r.filed_on, r.changed_on && "更正 " + r.changed_on].filter(Boolean).join("，");
