"""Files that hold other files, opened only where unpacking them can't hurt: zips, OLE compound files, XML."""
