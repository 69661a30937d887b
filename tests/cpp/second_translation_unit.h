#ifndef SECOND_TRANSLATION_UNIT_H
#define SECOND_TRANSLATION_UNIT_H

/* Returns the status of an error that was thrown and caught in second_translation_unit.cpp. */
int status_of_caught_error(void);

#endif
