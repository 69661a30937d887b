#ifndef SECOND_FILE_H
#define SECOND_FILE_H

/* The status of an error that was thrown and caught in second_file.cpp. */
int second_file_catches(void);

#endif
