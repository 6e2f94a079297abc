"""What lies in a folder of versions beside the versions."""

# Inside the folder of versions, so that a version moves there by a rename wherever that lies; its
# name is no number, so TF Serving passes it over.
WITHDRAWN = "withdrawn"
