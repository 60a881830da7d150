import { z } from "zod";
import { email, structure, text } from "./values.ts";

const contactAllowed = "a map with name, at least one of email and phone, and hours if there are any";

/** Schema of the setting `supportContact`. */
export const supportContact = () =>
  structure(
    z
      .strictObject(
        {
          /** Who answers: a team, or a company. */
          name: text("a name of up to 80 characters", /^(?=.{1,80}$)\S(.*\S)?$/),
          email: email().optional(),
          /** With the country code. */
          phone: text("a phone number such as +47 22 00 00 00", /^\+\d[\d ]{5,20}\d$/).optional(),
          /** Hours of working days, in the time of Norway. */
          hours: text(
            "hours of working days such as 08:00-16:00",
            /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$/,
          ).optional(),
        },
        { error: contactAllowed },
      )
      .refine((contact) => contact?.email !== undefined || contact?.phone !== undefined, {
        error: contactAllowed,
      }),
    contactAllowed,
  );
