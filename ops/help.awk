# Prints the targets of a Makefile by section: `## Title` opens one, `target: ## what it does` is a row.
BEGIN { FS = ":.*## " }
/^## / { printf "\n%s\n", substr($0, 4) }
/^[a-z-]+:.*## / { printf "  %-16s %s\n", $1, $2 }
