# SPDX-License-Identifier: GPL-2.0-only
# bash completion for aux-tune(8)

_aux_tune()
{
	local cur prev words cword i verb=""
	local verbs="list show get set reset watch"
	local common="--json --quiet --readonly --root --help --version"

	if declare -F _init_completion > /dev/null; then
		_init_completion || return
	else
		cur=${COMP_WORDS[COMP_CWORD]}
		prev=${COMP_WORDS[COMP_CWORD - 1]}
		words=("${COMP_WORDS[@]}")
		cword=$COMP_CWORD
	fi
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		--root | --output | -o | --interval | -d | --count | -n)
			((i++))
			;;
		-*) ;;
		*)
			verb=${words[i]}
			break
			;;
		esac
	done

	case $prev in
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--output | -o)
		# Only the last of a list; the ones before it stay.
		local before=
		[[ $cur != *,* ]] || before=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$before" -W \
			"$("${words[0]}" --help 2> /dev/null |
			   sed -n '/^Columns/,/^$/s/^  \([A-Z][^ ]*\).*/\1/p')" -- "${cur##*,}")
		return
		;;
	--interval | -d | --count | -n)
		return
		;;
	esac

	if [[ $cur == -* ]]; then
		case $verb in
		'') common="--all --interval $common" ;;
		list | show) common="--all --output $common" ;;
		set | reset) common="--dry-run $common" ;;
		watch) common="--all --output --interval --count $common" ;;
		esac
		mapfile -t COMPREPLY < <(compgen -W "$common" -- "$cur")
	elif [[ -z $verb ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
	else
		local pmus
		pmus=$("${words[0]}" list --quiet -o pmu 2> /dev/null | tail -n +2)
		[[ $verb != set ]] || pmus+=$'\n'max
		mapfile -t COMPREPLY < <(compgen -W "$pmus" -- "$cur")
	fi
}

complete -F _aux_tune aux-tune
